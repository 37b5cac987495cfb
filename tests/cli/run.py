#!/usr/bin/env python3
"""End-to-end tests of the weir program.

    python3 tests/cli/run.py build/release/weir [WORDS OF A CASE'S NAME]
    python3 tests/cli/run.py build/release/weir --update-golden

Standard library only. Ends with `N passed, N failed`.
"""

import pathlib
import sys

sys.dont_write_bytecode = True

import harness  # noqa: E402
import cases_basics  # noqa: E402,F401
import cases_check  # noqa: E402,F401
import cases_config  # noqa: E402,F401
import cases_documents  # noqa: E402,F401
import cases_parallel  # noqa: E402,F401
import cases_refused  # noqa: E402
import cases_replay  # noqa: E402,F401
import cases_test  # noqa: E402,F401
import cases_tools  # noqa: E402,F401


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 3
    program = str(pathlib.Path(sys.argv[1]).resolve())
    if sys.argv[2:] == ["--update-golden"]:
        cases_refused.update_golden(program)
        return 0
    return harness.run_all(program, " ".join(sys.argv[2:]))


sys.exit(main())
