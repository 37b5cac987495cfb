"""The README and the documents in docs/: what they show is what the program does."""

import json
import re
import shlex

from harness import ROOT, case, expect, expect_code, expect_in

README = (ROOT / "README.md").read_text()


def blocks(text, kind=""):
    """The fenced blocks of a kind."""
    return [body for k, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if k == kind]


def in_repository(weir, *args):
    """Runs weir in the case's folder, where the repository's folders are, too."""
    for name in ("examples", "rules"):
        if not (weir.folder / name).exists():
            (weir.folder / name).symlink_to(ROOT / name)
    return weir.run(*args)


def first_rule(weir, change=lambda text: text):
    rule = next(b for b in blocks(README, "yaml") if b.startswith("rules:"))
    weir.write("first.yaml", change(rule))


@case
def what_the_readme_shows_of_the_first_rule_is_what_one_sees(weir):
    first_rule(weir)
    commands = 0
    for block in blocks(README):
        for command, output in re.findall(r"^\$ weir (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
            args = shlex.split(command)
            if args[0] == "replay":
                args += ["--quiet", "--output", "text"]
            result = in_repository(weir, *args)
            expect_code(result, 0)
            expect(result.out + result.err == output, "the README shows\n%s" % output, result)
            commands += 1
    expect(commands >= 4, "only %d commands in the README" % commands)


@case
def what_the_readme_shows_of_a_misspelt_keyword_is_what_one_sees(weir):
    first_rule(weir, lambda text: text.replace("WITHIN", "WITHN"))
    shown = next(b for b in blocks(README) if b.startswith("error["))
    expect_in(shown, weir.run("check", "first.yaml").err)


@case
def the_alert_that_the_readme_shows_is_in_the_example(weir):
    shown = json.loads(re.sub(r"\n *", " ", blocks(README, "json")[0]))
    result = in_repository(weir, "replay", "-q", "-r", "rules/fraud", "-l", "examples/payments/payments.ndjson")
    alerts = [json.loads(line) for line in result.out.splitlines()]
    found = [a for a in alerts if a["rule"] == shown["rule"]]
    for alert in found:
        del alert["match"]
    expect(found == [shown], "the README shows\n%s\nnot\n%s" % (shown, found))


@case
def what_the_readme_shows_of_the_demo_is_in_the_demo(weir):
    args = ["-r", "rules/security", "-l", "examples/authlog/auth.log.gz", "--format", "sshd", "--year", "2017"]
    result = in_repository(weir, "replay", *args, "--output", "text")
    shown = next(b for b in blocks(README) if b.startswith("2017-"))
    for line in shown.splitlines():
        expect_in(line + "\n", result.out, result)
    events, alerts, held = re.search(r"a summary: ([\d,]+) events .*?, (\d+) alerts, (\d+) held", README).groups()
    expect_in("events     %s, " % events, result.err, result)
    expect_in("alerts     %s, %s held back" % (alerts, held), result.err, result)


@case
def the_rules_in_the_documents_pass_their_tests(weir):
    passed = 0
    for path in sorted((ROOT / "docs").glob("*.md")):
        for block in blocks(path.read_text(), "yaml"):
            whole = re.search(r"^rules:", block, re.M) and "..." not in block
            if not whole or "tests:" not in block or "csv:" in block:
                continue  # a part of a rule; its table stands elsewhere
            weir.write("shown.yaml", block)
            if "no loaded file has a rule" in weir.run("check", "shown.yaml").err:
                continue  # a file of tests for rules of another
            result = weir.run("test", "shown.yaml")
            expect(result.code == 0, "%s shows rules that fail" % path.name, result)
            passed += 1
    expect(passed >= 12, "only %d" % passed)


@case
def the_readme_says_how_many_rules_there_are(weir):
    """Counts in prose: they go stale first."""
    result = in_repository(weir, "check", "rules")
    rules = int(re.search(r"ok: (\d+) rules", result.out + result.err).group(1))
    expect_in("%d rules: [security]" % rules, README)
