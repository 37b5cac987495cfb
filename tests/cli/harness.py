"""Cases that run the built program: names, expectations, the count at the end."""

import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]

CASES = []


def case(function):
    """Registers a case; its name is the function's, its first argument a Weir."""
    CASES.append(function)
    return function


class Result:
    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    def __str__(self):
        return "$ weir %s\nexit code %d\n--- stdout\n%s--- stderr\n%s" % (
            " ".join(self.args),
            self.code,
            self.out,
            self.err,
        )


class Weir:
    """The program, and a folder of the case's own that it runs in."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
        self.env["LC_ALL"] = "C.UTF-8"
        self.env["XDG_CACHE_HOME"] = str(self.folder / "cache")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def read(self, name):
        return (self.folder / name).read_text()

    def run(self, *args, stdin=b"", env=None, timeout=120):
        args = [str(a) for a in args]
        done = subprocess.run(
            [self.program, *args],
            cwd=self.folder,
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            env={**self.env, **(env or {})},
            timeout=timeout,
        )
        return Result(
            args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        )

    def start(self, *args, **more):
        """A process to talk to; the case ends it."""
        return subprocess.Popen(
            [self.program, *[str(a) for a in args]],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **more,
        )


class Failure(Exception):
    pass


def expect(condition, what, result=None):
    if not condition:
        raise Failure(what if result is None else "%s\n%s" % (what, result))


def expect_code(result, code):
    expect(result.code == code, "expected exit code %d" % code, result)


def expect_in(text, where, result=None):
    expect(text in where, "expected to find %r" % text, result)


def run_all(program, wanted):
    passed = failed = 0
    for function in CASES:
        name = function.__name__.replace("_", " ")
        if wanted and wanted not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(Weir(program, folder))
            except Failure as failure:
                failed += 1
                print("FAIL  %s\n%s" % (name, failure))
            except Exception:  # a case that breaks is a case that fails
                failed += 1
                print("FAIL  %s\n%s" % (name, traceback.format_exc()))
            else:
                passed += 1
                print("ok    %s" % name)
        sys.stdout.flush()
    print("%d passed, %d failed" % (passed, failed))
    return 0 if failed == 0 and passed > 0 else 1
