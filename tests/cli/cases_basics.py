"""Help, version, arguments, completion, streams."""

import shutil
import subprocess

from harness import ROOT, case, expect, expect_code, expect_in

COMMANDS = ["replay", "run", "top", "tap", "test", "check", "why", "explain", "fmt", "schema",
            "completion", "version"]


@case
def help_goes_to_standard_output_and_fits_80_columns(weir):
    helps = [["--help"]] + [[c, "--help"] for c in COMMANDS]
    helps += [["schema", "infer", "--help"], ["schema", "print", "--help"]]
    for args in helps:
        result = weir.run(*args)
        expect_code(result, 0)
        expect(result.err == "", "nothing on standard error", result)
        expect_in("Usage: weir", result.out, result)
        for line in result.out.splitlines():
            expect(len(line) <= 80, "a line of more than 80 columns: %r" % line, result)


@case
def help_lists_the_commands_that_there_are_and_no_others(weir):
    out = weir.run("--help").out
    listed = out[out.index("Commands:") : out.index("\nOptions:")]
    names = [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "]
    expect(names == COMMANDS, "expected %s, got %s" % (COMMANDS, names))


@case
def every_command_shows_an_example(weir):
    for command in COMMANDS[:-1]:
        result = weir.run(command, "--help")
        expect_in("Examples:", result.out, result)


@case
def version_names_itself(weir):
    for args in (["version"], ["--version"], ["-V"]):
        result = weir.run(*args)
        expect_code(result, 0)
        expect(result.out.startswith("weir "), "expected the name first", result)


@case
def no_command_is_a_usage_error(weir):
    result = weir.run()
    expect_code(result, 3)
    expect(result.out == "", "nothing on standard output", result)
    expect_in("needs a command", result.err, result)


@case
def a_misspelt_command_is_suggested(weir):
    result = weir.run("reply")
    expect_code(result, 3)
    expect_in('did you mean "replay"?', result.err, result)


@case
def a_misspelt_option_is_suggested(weir):
    result = weir.run("check", "--deny-warning", "x.yaml")
    expect_code(result, 3)
    expect_in('did you mean "--deny-warnings"?', result.err, result)


@case
def a_missing_argument_is_a_usage_error(weir):
    for args in (["replay"], ["test"], ["explain"], ["why", "x"], ["completion"], ["schema"]):
        result = weir.run(*args)
        expect_code(result, 3)
        expect(result.out == "", "nothing on standard output", result)
        expect_in("--help", result.err, result)


@case
def bad_values_of_options_are_usage_errors(weir):
    weir.write("r.yaml", "rules:\n  - {id: r, pattern: a}\n")
    weir.write("l.ndjson", '{"ts":"2026-01-01T00:00:00Z","type":"a"}\n')
    for option in (
        ["--out-of-order", "10"],
        ["--since", "yesterday"],
        ["--format", "ndjsn"],
        ["--time-format", "epoch"],
        ["--zone", "Nowhere/Here"],
        ["--max-rejected", "many"],
        ["--max-rejected", "101%"],
        ["--year", "12"],
        ["--output", "xml"],
        ["--color", "sometimes"],
        ["--pattern", "("],
        ["--format", "regex"],
        ["--schema", "none.json"],
        ["--late", "no/such/folder/late"],
    ):
        result = weir.run("replay", "--rules", "r.yaml", "--log", "l.ndjson", *option)
        expect_code(result, 3)
        expect(result.out == "", "no alerts", result)
        expect(result.err.startswith("error: "), "a sentence", result)


@case
def files_that_are_not_there_are_io_errors(weir):
    weir.write("r.yaml", "rules:\n  - {id: r, pattern: a}\n")
    weir.write("empty/readme.txt", "")
    for args in (
        ["check", "none.yaml"],
        ["check", "none*.yaml"],
        ["check", "empty"],
        ["test", "none.yaml"],
        ["fmt", "none.yaml"],
        ["replay", "--rules", "r.yaml", "--log", "none.log"],
        ["replay", "--rules", "r.yaml", "--log", "empty"],
        ["schema", "infer", "none.log"],
    ):
        result = weir.run(*args)
        expect_code(result, 3)
        expect(result.out == "", "nothing on standard output", result)
        expect_in(args[-1], result.err, result)


@case
def completion_scripts_know_every_command_and_flag(weir):
    flags = {}
    for command in COMMANDS:
        words = weir.run(command, "--help").out.split()
        flags[command] = sorted({w for w in words if w.startswith("--") and w[2:3].isalpha()} & set(words))
    for shell in ("bash", "zsh", "fish"):
        result = weir.run("completion", shell)
        expect_code(result, 0)
        for command in COMMANDS:
            expect_in(command, result.out)
        for flag in ("rules", "max-rejected", "deny-warnings", "fail-fast", "svg"):
            expect_in(flag, result.out)
    expect(weir.run("completion", "tcsh").code == 3, "an unknown shell is a usage error")


@case
def completion_for_bash_completes(weir):
    weir.write("weir.bash", weir.run("completion", "bash").out)

    def complete(*words):
        script = "source weir.bash; COMP_WORDS=(%s); COMP_CWORD=%d; _weir; echo ${COMPREPLY[@]}" % (
            " ".join("'%s'" % w for w in words),
            len(words) - 1,
        )
        done = subprocess.run(["bash", "-c", script], cwd=weir.folder, capture_output=True, text=True)
        return done.stdout.split()

    expect(complete("weir", "rep") == ["replay"], "commands are completed")
    expect(complete("weir", "replay", "--max") == ["--max-rejected"], "flags are completed")
    expect(complete("weir", "schema", "pr") == ["print"], "commands of commands are completed")
    expect(complete("weir", "test", "--output", "j") == ["junit"], "values are completed")
    expect(complete("weir", "schema", "print", "ru") == ["rules"], "arguments are completed")


@case
def completion_for_other_shells_is_their_language(weir):
    for shell in ("zsh", "fish"):
        if shutil.which(shell) is None:
            continue
        weir.write("script", weir.run("completion", shell).out)
        done = subprocess.run([shell, "-n", "script"], cwd=weir.folder, capture_output=True, text=True)
        expect(done.returncode == 0, "%s refuses it: %s" % (shell, done.stderr))


@case
def colours_only_where_asked_for(weir):
    weir.write("r.yaml", "rules:\n  - {id: r, pattern: 'SEQ(a'}\n")
    expect("\x1b[" not in weir.run("check", "r.yaml").err, "none into a pipe")
    expect("\x1b[" in weir.run("check", "--color", "always", "r.yaml").err, "some with --color always")
    expect("\x1b[" not in weir.run("check", "--color", "never", "r.yaml").err, "none with --color never")
    always = weir.run("check", "--color", "always", "r.yaml", env={"NO_COLOR": "1"}).err
    expect("\x1b[" in always, "--color stands above NO_COLOR")


@case
def a_full_device_is_an_io_error(weir):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [weir.program, "schema", "print", "rules"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    expect(done.returncode == 3, "expected exit code 3, got %d" % done.returncode)
    expect_in("No space left on device", done.stderr)


@case
def the_examples_of_the_help_texts_name_files_that_exist(weir):
    for command in COMMANDS[:-1]:
        for word in weir.run(command, "--help").out.split():
            if word.startswith(("rules/security", "rules/fraud")):
                name = word.rstrip(".,")
                found = list(ROOT.glob(name)) if "*" in name else [ROOT / name]
                expect(found and found[0].exists(), "%s of `weir %s --help` does not exist" % (name, command))
