"""weir check, explain of codes, paths of rule files."""

from harness import ROOT, case, expect, expect_code, expect_in

GOOD = "rules:\n  - id: good\n    pattern: SEQ(a, b) WITHIN 1m\n"
OPEN = "rules:\n  - id: open-end\n    pattern: SEQ(a, b)\n"


@case
def a_good_file_is_said_to_be_good(weir):
    weir.write("r.yaml", GOOD)
    result = weir.run("check", "r.yaml")
    expect_code(result, 0)
    expect(result.out == "", "nothing on standard output", result)
    expect_in("1 rule in 1 file", result.err, result)
    expect(weir.run("check", "--quiet", "r.yaml").err == "", "--quiet says nothing")


@case
def all_errors_of_all_files_are_shown_sorted(weir):
    weir.write("b.yaml", "rules:\n  - {id: one, pattern: 'SEQ(a'}\n  - {id: two, patern: a}\n")
    weir.write("a.yaml", "rules:\n  - {id: three, pattern: a WHERE lenght(x) > 1}\n")
    result = weir.run("check", "b.yaml", "a.yaml")
    expect_code(result, 2)
    expect(result.out == "", "nothing on standard output", result)
    places = [line.split("--> ")[1] for line in result.err.splitlines() if "--> " in line]
    expect(len(places) >= 3, "expected three errors or more", result)
    expect(places == sorted(places, key=lambda p: (p.split(":")[0], int(p.split(":")[1]))), "sorted", result)
    expect_in("aborting due to", result.err, result)
    expect_in("weir explain E", result.err, result)


@case
def at_most_fifty_diagnostics_are_shown(weir):
    rules = "".join("  - {id: r%d, patern: a}\n" % i for i in range(70))
    weir.write("r.yaml", "rules:\n" + rules)
    result = weir.run("check", "r.yaml")
    expect_code(result, 2)
    expect(result.err.count("--> ") >= 50, "fifty places", result)
    expect(result.err.count("\nerror[") + result.err.startswith("error[") == 50, "fifty errors", result)
    expect_in("more", result.err, result)


@case
def warnings_are_no_errors_but_where_denied(weir):
    weir.write("r.yaml", OPEN)
    result = weir.run("check", "r.yaml")
    expect_code(result, 0)
    expect_in("warning[W0301]", result.err, result)
    expect_in("1 warning", result.err, result)
    expect_code(weir.run("check", "--deny-warnings", "r.yaml"), 2)


@case
def a_folder_is_read_below_in_byte_order_of_path(weir):
    for name in ("f/b.yaml", "f/a/z.yml", "f/B.yaml", "f/a.yaml"):
        weir.write(name, "rules:\n  - {id: x, patern: a}\n")
    weir.write("f/notes.txt", "no rules")
    result = weir.run("check", "f")
    expect_code(result, 2)
    files = [line.split("--> ")[1].split(":")[0] for line in result.err.splitlines() if "--> " in line]
    order = list(dict.fromkeys(files))
    expect(order == ["f/B.yaml", "f/a.yaml", "f/a/z.yml", "f/b.yaml"], "got %s" % order, result)


@case
def a_glob_is_matched_by_weir_itself(weir):
    weir.write("one.yaml", GOOD)
    weir.write("two.yaml", GOOD.replace("good", "fine"))
    result = weir.run("check", "*.yaml")
    expect_code(result, 0)
    expect_in("2 rules in 2 files", result.err, result)


@case
def a_file_given_twice_is_read_once(weir):
    weir.write("r.yaml", GOOD)
    expect_in("1 rule in 1 file", weir.run("check", "r.yaml", "./r.yaml").err)


@case
def an_unknown_rule_in_a_test_is_found(weir):
    weir.write("r.yaml", GOOD + "tests:\n  - {name: t, rules: [god], events: '0s a', expect: []}\n")
    result = weir.run("check", "r.yaml")
    expect_code(result, 2)
    expect_in("error[E0601]", result.err, result)
    expect_in("r.yaml:5:23", result.err, result)
    expect_in("did you mean `good`?", result.err, result)


@case
def an_event_line_that_cannot_be_read_is_found_at_its_column(weir):
    weir.write(
        "r.yaml",
        GOOD + 'tests:\n  - name: t\n    events: |\n      0s a x=1\n      1s b x="open\n    expect: []\n',
    )
    result = weir.run("check", "r.yaml")
    expect_code(result, 2)
    expect_in("error[E0602]", result.err, result)
    expect_in("r.yaml:8:", result.err, result)


@case
def a_name_that_the_pattern_does_not_bind_is_found(weir):
    weir.write(
        "r.yaml",
        "rules:\n  - id: r\n    key: user\n    pattern: SEQ(login AS begin, logout) WITHIN 1m\n"
        "    alert: {fields: {amount: begin.amount}}\n"
        "tests:\n  - name: t\n    events: 0s login user=a\n    expect:\n"
        "      - {match: {begn: {x: 1}}, fields: {amont: 1}, key: {usr: a}}\n",
    )
    result = weir.run("check", "r.yaml")
    expect_code(result, 2)
    expect(result.err.count("error[E0603]") == 3, "three of them", result)
    for near in ("`begin`", "`amount`", "`user`"):
        expect_in("did you mean %s?" % near, result.err, result)


@case
def a_test_with_an_unknown_format_or_log_is_found(weir):
    weir.write(
        "r.yaml",
        GOOD + "tests:\n  - {name: f, format: sylog, events: x, expect: []}\n"
        "  - {name: l, log: none.ndjson, expect: []}\n",
    )
    result = weir.run("check", "r.yaml")
    expect_code(result, 2)
    expect_in("error[E0605]", result.err, result)
    expect_in('did you mean "syslog"?', result.err, result)
    expect_in("error[E0604]", result.err, result)
    expect_in("none.ndjson", result.err, result)


@case
def a_format_whose_expression_cannot_be_matched_is_found(weir):
    weir.write(
        "r.yaml",
        "formats:\n  f:\n    base: text\n    lines:\n"
        "      - {type: a, match: '(?<x>a)(?=b)'}\n"
        "      - {type: b, match: '(?<port>b)', types: {prot: int}}\n",
    )
    result = weir.run("check", "r.yaml")
    expect_code(result, 2)
    expect_in("error[E0408]", result.err, result)
    expect_in("r.yaml:5:", result.err, result)
    expect_in("error[E0606]", result.err, result)
    expect_in('did you mean "port"?', result.err, result)


@case
def a_schema_gives_types_to_check_against(weir):
    weir.write("r.yaml", "rules:\n  - {id: r, pattern: pay WHERE amount > \"5\"}\n")
    weir.write("s.json", '{"types": {"pay": {"amount": "int"}}}')
    expect_code(weir.run("check", "r.yaml"), 0)
    result = weir.run("check", "--schema", "s.json", "r.yaml")
    expect_code(result, 2)
    expect_in("E0411", result.err, result)


@case
def the_packs_and_the_examples_have_neither_errors_nor_warnings(weir):
    for folder in ("rules",):
        result = weir.run("check", "--deny-warnings", ROOT / folder)
        expect_code(result, 0)


@case
def every_code_has_a_text(weir):
    names = []
    for line in (ROOT / "pattern-lang/include/weir/pattern-lang/codes.def").read_text().splitlines():
        if line.startswith("WEIR_CODE("):
            names.append(line[10:15])
    expect(len(names) > 50, "the catalogue is read")
    for name in names:
        result = weir.run("explain", name)
        expect_code(result, 0)
        expect(result.out.startswith(name + ": "), "the code first", result)
        expect(len(result.out.splitlines()) >= 3 and len(result.out) > 60, "a text", result)
        for line in result.out.splitlines()[1:]:
            expect(len(line) <= 100, "lines that can be read: %r" % line)


@case
def an_unknown_code_is_a_usage_error(weir):
    result = weir.run("explain", "E9999")
    expect_code(result, 3)
    expect_in("there is no code", result.err, result)
