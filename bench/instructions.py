#!/usr/bin/env python3
"""Instructions of one event on the hot path, by callgrind, held against instructions.txt.

    bench/instructions.py build/release/weir-bench             fails where one has grown by over 5 %
    bench/instructions.py build/release/weir-bench --update    writes the file anew

Counts repeat where times on a shared machine do not. An event's are the difference of two runs, one
with N events and one with 2 N, by N: what happens once drops out. The file says N for each path. Its
numbers are those of one compiler (g++ 12): whoever makes a path dearer changes the file with it.
"""
import argparse
import os
import re
import subprocess
import sys

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.txt")
TOLERANCE = 0.05


def read_file():
    """Comment lines, and (path, events, instructions) of the others."""
    comments, paths = [], []
    with open(FILE, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#") or not line.strip():
                comments.append(line)
                continue
            name, events, instructions = line.split()
            paths.append((name, int(events), int(instructions)))
    return comments, paths


def count(program, name, events, twice):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program,
               "--callgrind", name, "--events", str(events)] + (["--twice"] if twice else [])
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or collected is None:
        sys.exit(f"error: {' '.join(command)}\n{done.stderr[-2000:]}")
    return int(collected.group(1))


def instructions_per_event(program, name, events):
    once = count(program, name, events, False)
    return round((count(program, name, events, True) - once) / events)


def main():
    arguments = argparse.ArgumentParser(description="instructions of one event, by callgrind")
    arguments.add_argument("program")
    arguments.add_argument("--update", action="store_true", help="write the file anew")
    arguments = arguments.parse_args()
    comments, paths = read_file()
    failed = 0
    lines = []
    for name, events, known in paths:
        now = instructions_per_event(arguments.program, name, events)
        lines.append(f"{name:<16} {events:>7} {now:>9}\n")
        grown = known > 0 and now > known * (1 + TOLERANCE)
        less = known > 0 and now < known * (1 - TOLERANCE)
        change = f"{100 * (now - known) / known:+.1f} %" if known > 0 else "new"
        note = "  FAIL" if grown else "  (--update writes that down)" if less else ""
        print(f"{name:<16} {now:>9} instructions an event, {change}{note}", flush=True)
        failed += grown and not arguments.update
    if arguments.update:
        with open(FILE, "w", encoding="utf-8") as file:
            file.writelines(comments + lines)
    print(f"{len(paths) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
