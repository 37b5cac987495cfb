"""weir fmt, schema, explain of rules."""

import json
import xml.etree.ElementTree as ET

from harness import ROOT, case, expect, expect_code, expect_in

UGLY = "# kept\nrules:\n  - id: r\n    pattern: seq(a,b  where x==1)within 1m\n"
NEAT = "# kept\nrules:\n  - id: r\n    pattern: SEQ(a, b WHERE x == 1) WITHIN 1m\n"


@case
def fmt_rewrites_in_place_and_keeps_comments(weir):
    weir.write("r.yaml", UGLY)
    result = weir.run("fmt", "r.yaml")
    expect_code(result, 0)
    expect(result.out == "" and "r.yaml" in result.err, "says which", result)
    expect(weir.read("r.yaml") == NEAT, "got\n" + weir.read("r.yaml"))
    again = weir.run("fmt", "r.yaml")
    expect(again.code == 0 and again.err == "", "a second time there is nothing to do", again)


@case
def fmt_keeps_the_mode_of_a_file_and_the_link_to_it(weir):
    weir.write("r.yaml", UGLY)
    (weir.folder / "r.yaml").chmod(0o640)
    (weir.folder / "link.yaml").symlink_to("r.yaml")
    expect_code(weir.run("fmt", "link.yaml"), 0)
    expect((weir.folder / "link.yaml").is_symlink(), "still a link")
    expect(weir.read("r.yaml") == NEAT, "its target is laid out")
    expect((weir.folder / "r.yaml").stat().st_mode & 0o777 == 0o640, "its mode stays")


@case
def fmt_check_writes_nothing(weir):
    weir.write("r.yaml", UGLY)
    result = weir.run("fmt", "--check", "r.yaml")
    expect_code(result, 1)
    expect(weir.read("r.yaml") == UGLY, "nothing is written")
    weir.write("r.yaml", NEAT)
    expect_code(weir.run("fmt", "--check", "r.yaml"), 0)


@case
def fmt_diff_shows_what_would_change(weir):
    weir.write("r.yaml", UGLY)
    result = weir.run("fmt", "--diff", "r.yaml")
    expect_code(result, 0)
    expect(weir.read("r.yaml") == UGLY, "nothing is written")
    lines = result.out.splitlines()
    expect(lines[0] == "--- r.yaml" and lines[1].startswith("+++ r.yaml"), "heads", result)
    expect(lines[2] == "@@ -1,4 +1,4 @@", "the hunk", result)
    expect("-    pattern: seq(a,b  where x==1)within 1m" in lines, "the old line", result)
    expect("+    pattern: SEQ(a, b WHERE x == 1) WITHIN 1m" in lines, "the new line", result)
    expect_code(weir.run("fmt", "--diff", "--check", "r.yaml"), 1)


@case
def fmt_reads_standard_input(weir):
    result = weir.run("fmt", "-", stdin=UGLY)
    expect_code(result, 0)
    expect(result.out == NEAT, "the text", result)
    broken = weir.run("fmt", "-", stdin="rules:\n  - {id: r, pattern: 'SEQ('}\n")
    expect_code(broken, 2)
    expect(broken.out == "", "nothing", broken)
    expect_in("<stdin>", broken.err, broken)


@case
def the_packs_are_laid_out(weir):
    expect_code(weir.run("fmt", "--check", ROOT / "rules"), 0)


@case
def fmt_of_the_packs_keeps_their_meaning_and_is_stable(weir):
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        once = weir.run("fmt", "-", stdin=path.read_text())
        expect_code(once, 0)
        twice = weir.run("fmt", "-", stdin=once.out)
        expect(twice.out == once.out, "%s: formatting twice is not the same as once" % path, twice)


@case
def schema_infer_prints_what_schema_reads(weir):
    weir.write("l.ndjson", '{"ts":1,"type":"pay","amount":5,"card":{"no":"7"}}\n{"ts":2,"type":"pay","amount":7}\n')
    result = weir.run("schema", "infer", "l.ndjson")
    expect_code(result, 0)
    fields = json.loads(result.out)["types"]["pay"]
    expect(fields["amount"] == "int" and fields["card.no"] == "string?", "got %s" % fields)
    weir.write("s.json", result.out)
    weir.write("r.yaml", "rules:\n  - {id: r, pattern: pay WHERE amount > 1}\n")
    expect_code(weir.run("check", "--schema", "s.json", "r.yaml"), 0)


@case
def schema_print_prints_json_schemas(weir):
    for what in ("rules", "tests", "config", "alert"):
        result = weir.run("schema", "print", what)
        expect_code(result, 0)
        expect("$schema" in json.loads(result.out), "a JSON Schema", result)
    expect_code(weir.run("schema", "print", "confg"), 3)


def explained(weir, *options):
    return weir.run("explain", "ssh-success-after-failures", "--rules", ROOT / "rules/security", *options)


@case
def explain_shows_what_a_rule_became(weir):
    result = explained(weir)
    expect_code(result, 0)
    expect_in("ssh-success-after-failures", result.out, result)


@case
def explain_draws_without_any_other_program(weir):
    for rule, pack in (("ssh-success-after-failures", "security"), ("structuring", "fraud")):
        result = weir.run("explain", rule, "--rules", ROOT / "rules", "--svg", env={"PATH": "/nonexistent"})
        if result.code == 3 and "there is no rule" in result.err:
            continue
        expect_code(result, 0)
        root = ET.fromstring(result.out)
        expect(root.tag.endswith("svg"), "an SVG document", result)
    expect_code(explained(weir, "--svg", "rule.svg"), 0)
    ET.parse(weir.folder / "rule.svg")


@case
def explain_says_how_runs_are_found(weir):
    """Of the shipped rules that are matched run by run: each condition that finds them."""
    found = {
        "unconfirmed-transfer": ["finds runs, hashed  (ref == t.ref)", "found by ref == t.ref"],
        "card-limit-probing": ["finds runs, sorted  (amount < last(no.amount))"],
        "card-impossible-travel": [],
        "device-many-cards": [],
        "mule-account": [],
    }
    for rule, conditions in found.items():
        result = weir.run("explain", rule, "--rules", ROOT / "rules/fraud")
        expect_code(result, 0)
        expect_in("plan       run by run", result.out, result)
        for condition in conditions:
            expect_in(condition, result.out, result)
        expect(("finds runs" in result.out) == bool(conditions), "only those", result)


@case
def explain_writes_a_graphviz_graph(weir):
    result = explained(weir, "--dot", "-")
    expect_code(result, 0)
    expect(result.out.startswith("digraph"), "a graph", result)


@case
def every_shipped_rule_can_be_explained_and_drawn(weir):
    for pack in ("security", "fraud", "monitoring"):
        text = "".join(p.read_text() for p in sorted((ROOT / "rules" / pack).glob("*.yaml")))
        ids = [line.split("id:")[1].split()[0] for line in text.splitlines() if line.startswith("  - id:")]
        for rule in ids:
            found = weir.run("explain", rule, "--rules", ROOT / "rules" / pack, "--svg", "-")
            if "there is no rule" in found.err:  # a derived stream's id
                continue
            expect_code(found, 0)
            ET.fromstring(found.out)


@case
def explain_suggests_the_nearest_rule(weir):
    result = weir.run("explain", "ssh-sucess-after-failures", "--rules", ROOT / "rules/security")
    expect_code(result, 3)
    expect_in("ssh-success-after-failures", result.err, result)
