#!/usr/bin/env python3
"""End-to-end tests of `weir run`, against real files, sockets and servers.

    python3 tests/live/run_test.py build/release/weir [WORDS OF A CASE'S NAME]

Ends with `N passed, N failed`. Needs promtool, and for Kafka what ./dev test has fetched.
"""
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

import harness  # noqa: E402
import cases_order  # noqa: E402,F401
import cases_flow  # noqa: E402,F401


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 3
    return harness.run_all(str(pathlib.Path(sys.argv[1]).resolve()), " ".join(sys.argv[2:]))


sys.exit(main())
