"""weir test: what passes, what fails, how it is told."""

import json
import resource
import xml.etree.ElementTree as ET

from harness import case, expect, expect_code, expect_in

RULES = """\
rules:
  - id: pair
    severity: high
    key: user
    pattern: SEQ(a AS head, b+ AS more, c AS end) WITHIN 1m
    alert:
      message: "{end.user}: {count(more)}"
      fields: {n: count(more), ips: distinct(more.ip), took: end.ts - head.ts}
"""

EVENTS = """\
    events: |
      0s a user=bob ip=10.0.0.1
      1s b user=bob ip=10.0.0.2 account.owner=ann
      2s b user=bob ip=10.0.0.3
      3s c user=bob
"""


def run(weir, test, *options, rules=RULES):
    weir.write("r.yaml", rules + "tests:\n" + test)
    return weir.run("test", "r.yaml", *options)


def expecting(text):
    return "  - name: t\n" + EVENTS + "    expect:\n      - " + text + "\n"


GOOD = [
    "{}",
    "{rule: pair, at: 3s, key: {user: bob}, severity: high, stream: alerts, suppressed: 0}",
    "{at: 1970-01-01T00:00:03Z}",
    '{message: "bob: 2"}',
    "{match: {head: {ip: 10.0.0.1}, more: [{ip: 10.0.0.2}, {ip: 10.0.0.3}]}}",
    "{match: {more: [{account: {owner: ann}}, {}]}}",
    "{match: {more: [{account.owner: ann}, {account: null}]}}",
    "{match: {head: [{}], end: {ts: 3s, type: c}}}",
    "{match: {head: {ts: 1970-01-01T00:00:00Z, nothing: null}}}",
    "{fields: {n: 2.0, ips: [10.0.0.2, 10.0.0.3], took: 3s}}",
]

BAD = [
    ("{at: 4s}", "at", "4s", "3s"),
    ("{key: {user: ann}}", "key.user", "ann", "bob"),
    ("{severity: low}", "severity", "low", "high"),
    ("{stream: other}", "stream", "other", "alerts"),
    ("{suppressed: 1}", "suppressed", "1", "0"),
    ("{message: no}", "message", "no", '"bob: 2"'),
    ("{match: {more: [{ip: 10.0.0.2}]}}", "match.more", "1 event", "2 events"),
    ("{match: {more: [{ip: 10.0.0.2}, {ip: 10.0.0.4}]}}", "match.more[1].ip", "10.0.0.4", "10.0.0.3"),
    ("{match: {head: null}}", "match.head", "null", "1 event"),
    ("{match: {head: {ipp: 10.0.0.1}}}", "match.head.ipp", "10.0.0.1", "no such field"),
    ("{match: {head: {ts: 1s}}}", "match.head.ts", "1s", "1970-01-01T00:00:00.000Z"),
    ('{match: {head: {user: "7"}}}', "match.head.user", '"7"', "bob"),
    ("{fields: {n: 3}}", "fields.n", "3", "2"),
    ('{fields: {n: "2"}}', "fields.n", '"2"', "2"),
    ("{fields: {ips: [10.0.0.3, 10.0.0.2]}}", "fields.ips[0]", "10.0.0.3", "10.0.0.2"),
    ("{fields: {took: 4s}}", "fields.took", "4s", "3s"),
]


@case
def what_is_equal_passes(weir):
    for text in GOOD:
        result = run(weir, expecting(text))
        expect(result.code == 0 and result.out == "1 passed, 0 failed\n", text, result)


@case
def what_differs_fails_and_is_shown_at_its_path(weir):
    for text, path, wanted, got in BAD:
        result = run(weir, expecting(text))
        expect_code(result, 1)
        expect(result.out.endswith("0 passed, 1 failed\n"), "the last line", result)
        line = next((l for l in result.out.splitlines() if l.strip().startswith(path + " ")), None)
        expect(line is not None, "a line about " + path, result)
        words = " ".join(line.split())
        expect(words == "%s expected %s got %s" % (path, wanted, got), "got: " + words, result)
        expect_in("r.yaml:10", result.out, result)


@case
def missing_and_unexpected_alerts_are_told_apart(weir):
    test = (
        "  - name: t\n    events: |\n      0s a user=bob\n      1s b user=bob\n      2s c user=bob\n"
        "      3s a user=ann\n      4s b user=ann\n      5s c user=ann\n"
        "    expect:\n      - {at: 2s, key: {user: bob}}\n      - {at: 9s, key: {user: eve}}\n"
    )
    out = run(weir, test.replace("9s", "5s")).out
    expect_in("= pair at 2s  user=bob", out)
    expect_in("~ pair at 5s  user=ann  (different)", out)
    none = run(weir, test.replace("      - {at: 9s, key: {user: eve}}\n", "")).out
    expect_in("expected 1 alert, got 2", none)
    expect_in("+ pair at 5s  user=ann  (unexpected)", none)
    expect_in("a user=ann", none)
    more = run(weir, test.replace("5s c user=ann", "5s d user=ann")).out
    expect_in("- an alert at 9s  key {user: eve}  (missing)", more)
    expect_in("expected 2 alerts, got 1", more)


@case
def a_count_is_a_count(weir):
    for n, code in ((0, 1), (1, 0), (2, 1)):
        result = run(weir, "  - name: t\n" + EVENTS + "    expect_count: %d\n" % n)
        expect_code(result, code)


@case
def a_test_that_cannot_be_read_fails_with_the_reason(weir):
    test = "  - {name: t, events: '0s', expect: []}\n  - {name: u, rules: [pear], events: 0s a, expect: []}\n"
    result = run(weir, test + "  - {name: v, events: 0s a, expect: []}\n")
    expect_code(result, 1)
    expect_in("no loaded file has a rule `pear`; did you mean `pair`?", result.out, result)
    expect(result.out.endswith("1 passed, 2 failed\n"), "the count", result)


@case
def invalid_rules_end_with_2_and_run_nothing(weir):
    result = run(weir, expecting("{}"), rules=RULES.replace("SEQ(a", "SEQ((a"))
    expect_code(result, 2)
    expect("passed" not in result.out, "no count", result)
    expect_in("error[E01", result.err, result)


@case
def a_file_of_tests_alone_runs_with_all_rules_that_are_loaded(weir):
    weir.write("r.yaml", RULES)
    weir.write("s.yaml", "rules:\n  - {id: other, pattern: c}\n")
    weir.write("t.yaml", "tests:\n  - name: t\n" + EVENTS + "    expect_count: 2\n")
    expect_code(weir.run("test", "r.yaml", "s.yaml", "t.yaml"), 0)
    weir.write("t.yaml", "tests:\n  - name: t\n    rules: [other]\n" + EVENTS + "    expect: [{rule: other}]\n")
    expect_code(weir.run("test", "t.yaml", "s.yaml", "r.yaml"), 0)


@case
def the_rules_of_other_files_do_not_disturb_a_file_of_its_own(weir):
    weir.write("r.yaml", RULES + "tests:\n" + expecting("{}"))
    weir.write("s.yaml", "rules:\n  - {id: other, pattern: c}\n")
    expect_code(weir.run("test", "r.yaml", "s.yaml"), 0)


@case
def the_formats_of_other_files_do_not_disturb_a_file_of_its_own(weir):
    for name, type_ in (("r", "seen"), ("s", "other")):
        weir.write(
            name + ".yaml",
            "formats:\n  app: {base: text, lines: [{type: %s, match: 'x=(?<x>.*)'}]}\n" % type_
            + "rules:\n  - {id: %s, pattern: %s}\n" % (name, type_)
            + "tests:\n  - {name: t, format: app, events: '2026-01-01T00:00:00Z x=1', expect_count: 1}\n",
        )
    expect_code(weir.run("test", "s.yaml", "r.yaml"), 0)


@case
def a_test_under_a_rule_is_that_rules(weir):
    rules = (
        "rules:\n  - id: one\n    pattern: a\n    tests:\n      - {name: t, events: 0s a, expect: [{at: 0s}]}\n"
        "  - {id: two, pattern: a}\n"
    )
    weir.write("r.yaml", rules)
    expect_code(weir.run("test", "r.yaml"), 0)


@case
def a_log_is_read_beside_the_file_of_the_test(weir):
    weir.write("f/data/l.ndjson", '{"ts":5,"type":"a","user":"x"}\n{"ts":1,"type":"a","user":"y"}\n')
    rule = "rules:\n  - {id: one, pattern: a}\ntests:\n  - {name: t, log: data/l.ndjson, expect: [{at: 1s}, {at: 5s}]}\n"
    weir.write("f/r.yaml", rule)
    expect_code(weir.run("test", "f/r.yaml"), 0)
    weir.write("f/data/l.ndjson", "{broken\n")
    result = weir.run("test", "f/r.yaml")
    expect_code(result, 1)
    expect_in("json_invalid", result.out, result)


@case
def filter_fail_fast_and_verbose(weir):
    tests = "".join("  - {name: number %d, events: 0s a, expect_count: %d}\n" % (i, i % 2) for i in range(4))
    result = run(weir, tests, "--filter", "number 1")
    expect_code(result, 1)
    expect(result.out.endswith("0 passed, 1 failed\n"), "one test", result)
    result = run(weir, tests, "--fail-fast")
    expect(result.out.endswith("1 passed, 1 failed\n"), "stops at the first", result)
    result = run(weir, tests, "-v")
    expect_in("number 2", result.out, result)
    result = run(weir, tests, "--filter", "nothing of the kind")
    expect_code(result, 0)
    expect(result.out == "0 passed, 0 failed\n", "none", result)
    expect_in("no test has", result.err, result)


@case
def ndjson_has_an_object_a_test_and_one_at_the_end(weir):
    result = run(weir, expecting("{}") + expecting("{at: 4s}"), "--output", "ndjson")
    expect_code(result, 1)
    lines = [json.loads(line) for line in result.out.splitlines()]
    expect([l.get("passed") for l in lines] == [True, False, 1], "got %s" % lines)
    expect(lines[1]["line"] == 18 and "expected 4s" in lines[1]["failure"], "got %s" % lines[1])


@case
def junit_is_xml_with_every_test_and_its_failure(weir):
    odd = '  - {name: "<&\\" \\u0001 \\u00e4", events: 0s a, expect_count: 1}\n'
    result = run(weir, expecting("{}") + expecting("{at: 4s}") + odd, "--output", "junit")
    expect_code(result, 1)
    root = ET.fromstring(result.out)
    expect(root.tag == "testsuites" and root.get("tests") == "3" and root.get("failures") == "2", "totals", result)
    suite = root[0]
    expect(suite.get("name") == "r.yaml" and suite.get("failures") == "2", "the suite", result)
    cases = suite.findall("testcase")
    expect(len(cases) == 3, "three cases", result)
    failure = cases[1].find("failure")
    expect("expected 4s" in failure.text and "r.yaml:18" in failure.text, "the failure", result)
    expect(cases[0].find("failure") is None, "the first passed", result)
    expect(cases[2].get("name").startswith('<&"'), "the name", result)


@case
def a_thousand_inline_tests_take_two_seconds_at_most(weir):
    one = "".join(expecting("{at: 3s, match: {more: [{ip: 10.0.0.2}, {}]}, fields: {n: 2}}") for _ in range(1000))
    weir.write("r.yaml", RULES + "tests:\n" + one)
    # Of the processor: a machine that is busy with something else says nothing about us.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = weir.run("test", "r.yaml")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    expect(result.out == "1000 passed, 0 failed\n", "all pass", result)
    # Sanitizers make it slower; they are told by the symbols that they bring along.
    with open(weir.program, "rb") as file:
        slow = b"__asan_init" in file.read() or b"__tsan_init" in open(weir.program, "rb").read()
    expect(slow or seconds < 2, "took %.1f s" % seconds)
