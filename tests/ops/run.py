#!/usr/bin/env python3
"""What ops/ offers to those who run Weir: rules for Prometheus, a dashboard, a systemd unit.

usage: tests/ops/run.py; needs promtool (Debian's `prometheus`). Ends with `N passed, N failed`.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPS = ROOT / "ops"
passed = failed = 0


def case(name, problem):
    """`problem`: what is wrong; nothing where all is well."""
    global passed, failed
    if problem:
        failed += 1
        print(f"FAIL  {name}\n      {problem}")
    else:
        passed += 1
        print(f"ok    {name}")


def run(*command, cwd=ROOT):
    """The output of a command that fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def known_metrics():
    """Names that the program writes."""
    source = (ROOT / "cli/src/run/run_metrics.cpp").read_text()
    return set(re.findall(r'"((?:weir|process)_[a-z_]+)"', source))


def unknown_metrics(path):
    named = set(re.findall(r"\b((?:weir|process)_[a-z_]+)\b", path.read_text()))
    unknown = sorted(named - known_metrics())
    return f"no metric of the program: {', '.join(unknown)}" if unknown else ""


def dashboard_problem(path):
    dashboard = json.loads(path.read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        return "two panels have one id"
    taken = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        if at["x"] + at["w"] > 24:
            return f"{panel['title']} stands outside of the grid"
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                if (x, y) in taken:
                    return f"{panel['title']} covers another panel"
                taken.add((x, y))
        if not panel["targets"] or not all(t["expr"] for t in panel["targets"]):
            return f"{panel['title']} asks for nothing"
    return ""


def expressions_problem(path):
    """Each expression of a dashboard, as Prometheus reads it."""
    rules = {"groups": [{"name": "panels", "rules": []}]}
    for panel in json.loads(path.read_text())["panels"]:
        for target in panel["targets"]:
            rules["groups"][0]["rules"].append(
                {"record": f"panel:{panel['id']}:{target['refId']}", "expr": target["expr"]})
    folder = ROOT / "build" / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dashboard-rules.json"
    file.write_text(json.dumps(rules))
    return run("promtool", "check", "rules", "--lint=none", str(file))


RULES = OPS / "prometheus/weir.rules.yaml"
TESTS = OPS / "prometheus/weir.test.yaml"
DASHBOARD = OPS / "grafana/weir.json"
UNIT = OPS / "systemd/weir.service"

case("the alert rules are rules", run("promtool", "check", "rules", str(RULES)))
case("the alert rules do what their tests say", run("promtool", "test", "rules", str(TESTS)))
tested = TESTS.read_text()
untested = [a for a in re.findall(r"alert: (\w+)", RULES.read_text())
            if f"alertname: {a}\n        exp_alerts:\n" not in tested]
case("every alert rule has a test in which it fires", ", ".join(untested))
for file in (RULES, TESTS, DASHBOARD):
    case(f"{file.name} names metrics that there are", unknown_metrics(file))
case("the dashboard is whole", dashboard_problem(DASHBOARD))
case("the dashboard's expressions can be read", expressions_problem(DASHBOARD))
if shutil.which("systemd-analyze"):
    problem = run("systemd-analyze", "verify", str(UNIT))
    # The program is not installed where this is tested.
    lines = [l for l in problem.splitlines() if "is not executable" not in l]
    case("the unit is one", "\n      ".join(lines))
    exposure = subprocess.run(["systemd-analyze", "security", "--offline=true", str(UNIT)],
                              capture_output=True, text=True).stdout
    level = re.search(r"exposure level for .*: ([\d.]+)", exposure)
    case("the unit is exposed little", "" if level and float(level[1]) < 2 else exposure[-400:])

print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
