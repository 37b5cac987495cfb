"""Configs of weir run: weir check, folders in which one lies, the schema, the document."""

import json
import re

from harness import ROOT, case, expect, expect_code, expect_in

RULES = "rules:\n  - id: good\n    pattern: SEQ(a, b) WITHIN 1m\n"
CONFIG = """\
rules: rules
sources:
  - {name: in, file: {path: in.ndjson, follow: true}}
sinks:
  alerts: {file: {path: alerts.ndjson}}
"""


def write(weir, config=CONFIG, name="weir.yaml"):
    weir.write("rules/r.yaml", RULES)
    return weir.write(name, config)


@case
def check_takes_a_config_and_says_what_its_sinks_guarantee(weir):
    write(weir)
    result = weir.run("check", "weir.yaml")
    expect_code(result, 0)
    expect(result.out == "", "nothing on standard output", result)
    expect_in("note: alerts/file (file): at least once; ", result.err, result)
    expect_in("ok: 1 rule in 1 file, 0 tests, 1 config\n", result.err, result)
    expect(weir.run("check", "-q", "weir.yaml").err == "", "--quiet says nothing")
    expect(not (weir.folder / "alerts.ndjson").exists(), "it only looks")


@case
def the_errors_of_a_config_and_of_its_rules_are_shown_in_one_go(weir):
    write(weir, CONFIG.replace("follow", "folow").replace("alerts.ndjson}", "alerts.ndjson, fsync: yes}"))
    weir.write("rules/bad.yaml", "rules:\n  - {id: bad, patern: a}\n")
    result = weir.run("check", "weir.yaml")
    expect_code(result, 2)
    for part in ("E0202", "weir.yaml:3:40", 'did you mean "follow"?', "weir.yaml:5:47", "rules/bad.yaml:2:15"):
        expect_in(part, result.err, result)
    expect("note: alerts" not in result.err, "no guarantees of what is refused", result)


@case
def paths_are_seen_from_the_configs_folder(weir):
    weir.write("here/rules/r.yaml", RULES)
    weir.write("here/weir.yaml", CONFIG)
    expect_code(weir.run("check", "here/weir.yaml"), 0)
    weir.write("weir.yaml", CONFIG)
    result = weir.run("check", "weir.yaml")
    expect_code(result, 2)
    expect_in("error[E0712]", result.err, result)
    expect_in("weir.yaml:1:8", result.err, result)


@case
def a_config_in_a_folder_of_rules_is_no_rule_file(weir):
    write(weir, CONFIG.replace("rules: rules", "rules: ."), "rules/weir.yaml")
    weir.write("l.ndjson", '{"ts":1,"type":"a"}\n{"ts":2,"type":"b"}\n')
    for args in (["check", "rules"], ["test", "rules"], ["replay", "-q", "-r", "rules", "-l", "l.ndjson"]):
        expect_code(weir.run(*args), 0)
    expect_code(weir.run("fmt", "--check", "rules/r.yaml"), weir.run("fmt", "--check", "rules").code)
    expect_code(weir.run("fmt", "rules/weir.yaml"), 3)
    expect_in("ok: 1 rule in 1 file, 0 tests, 1 config\n", weir.run("check", "rules").err)


@case
def a_config_given_for_rules_is_refused(weir):
    write(weir)
    weir.write("l.ndjson", '{"ts":1,"type":"a"}\n')
    result = weir.run("replay", "-r", "weir.yaml", "-l", "l.ndjson")
    expect_code(result, 3)
    expect_in("weir.yaml is a config of `weir run`, not a rule file", result.err, result)


@case
def a_stream_that_no_rule_writes_is_warned_about(weir):
    write(weir, CONFIG + "  alrets: {stdout: }\n")
    result = weir.run("check", "weir.yaml")
    expect_code(result, 0)
    expect_in("warning[W0703]", result.err, result)
    expect_in('did you mean "alerts"?', result.err, result)
    expect_code(weir.run("check", "--deny-warnings", "weir.yaml"), 2)


@case
def secrets_are_looked_for_but_where_told_not_to(weir):
    hook = CONFIG + "  late: {http: {url: 'https://example.org/hook', token_env: WEIR_TEST_TOKEN}}\n"
    write(weir, hook)
    expect_in("WEIR_TEST_TOKEN is not set", weir.run("check", "weir.yaml").err)
    expect_code(weir.run("check", "--no-environment", "weir.yaml"), 0)
    result = weir.run("check", "weir.yaml", env={"WEIR_TEST_TOKEN": "hunter2"})
    expect_code(result, 0)
    expect("hunter2" not in result.err + result.out, "no secret is shown", result)
    write(weir, hook.replace("token_env: WEIR_TEST_TOKEN", "token_file: token"))
    weir.write("token", "hunter2\n")
    expect_code(weir.run("check", "--deny-warnings", "weir.yaml"), 0)


@case
def the_example_of_a_config_is_checked(weir):
    result = weir.run("check", "--deny-warnings", ROOT / "examples/run/weir.yaml")
    expect_code(result, 0)
    expect_in("1 config", result.err, result)
    expect_code(weir.run("test", ROOT / "examples/run"), 0)


def document():
    return (ROOT / "docs/config.md").read_text()


@case
def the_configs_in_the_document_are_good(weir):
    write(weir)
    weir.write("secrets/token", "x\n")
    weir.write("tls/ca.pem", "x")
    weir.write("tls/weir.pem", "x")
    weir.write("tls/weir.key", "x")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", document(), re.M | re.S)
    whole = [block for block in blocks if block.startswith("rules:")]
    parts = [block for block in blocks if not block.startswith("rules:")]
    expect(len(whole) >= 1 and len(parts) >= 5, "%d and %d of them" % (len(whole), len(parts)))
    for block in parts:
        rest = "rules: rules\n"
        if not block.startswith("sources:"):
            rest += "sources:\n  - {name: in, stdin: }\n"
        if "sinks:" not in block:
            rest += "sinks: {alerts: {stdout: }}\n"
        whole.append(rest + block)
    for block in whole:
        weir.write("weir.yaml", block)
        result = weir.run("check", "--deny-warnings", "weir.yaml", env={"KAFKA_PASSWORD": "x"})
        expect(result.code == 0, "not good:\n%s\n%s" % (block, result))


@case
def the_document_has_every_key(weir):
    schema = json.loads(weir.run("schema", "print", "config").out)
    text = document()
    keys = set(schema["properties"])
    for spec in schema["$defs"].values():
        keys |= set(spec.get("properties", ()))
    expect(len(keys) > 60, "only %d keys" % len(keys))
    missing = [key for key in sorted(keys) if "`%s`" % key not in text]
    expect(not missing, "docs/config.md says nothing of %s" % ", ".join(missing))


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].removeprefix("#/$defs/")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@case
def the_schema_defines_what_it_refers_to(weir):
    schema = json.loads(weir.run("schema", "print", "config").out)
    refers = set(references(schema))
    expect(len(refers) > 20, "only %d references" % len(refers))
    expect(refers <= set(schema["$defs"]), "undefined: %s" % (refers - set(schema["$defs"])))
