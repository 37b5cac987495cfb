#!/usr/bin/env python3
"""run.py SUITE PROGRAM [ARGUMENTS]: starts the server that a suite of live_tests needs, on free ports
and in a temporary directory, runs PROGRAM --test-suite=SUITE, and stops and removes everything.

While it runs, PROGRAM may ask for the server to be killed, started and stopped: one word a line on
the descriptor WEIR_CONTROL_OUT, answered by a line on WEIR_CONTROL_IN."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import servers  # noqa: E402


COMMANDS = ("start", "kill", "terminate", "save")


def obey(server, word):
    if word not in COMMANDS:
        return "unknown"
    getattr(server, word)()
    return "ok"


def run(suite, program, arguments, directory):
    server = servers.SUITES[suite](directory)
    try:
        server.prepare()
        server.start()
        ask_read, ask_write = os.pipe()
        answer_read, answer_write = os.pipe()
        environment = dict(os.environ, **server.environment(), WEIR_CONTROL_OUT=str(ask_write),
                           WEIR_CONTROL_IN=str(answer_read))
        tests = subprocess.Popen(
            [program, f"--test-suite={suite}", "--no-colors=true", *arguments], env=environment,
            pass_fds=(ask_write, answer_read), preexec_fn=servers.die_with_parent)
        os.close(ask_write)
        os.close(answer_read)
        try:
            with os.fdopen(ask_read) as asked:
                for line in asked:
                    os.write(answer_write, (obey(server, line.strip()) + "\n").encode())
            return tests.wait()
        finally:
            tests.kill()
            tests.wait()
    except Exception:
        server.show_log()
        raise
    finally:
        server.kill()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    suite, program, *arguments = sys.argv[1:]
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"weir-{suite}-"))
    try:
        return run(suite, program, arguments, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
