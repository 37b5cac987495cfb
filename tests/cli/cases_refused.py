"""Rule files that must be refused, each with the diagnostic that a person was content with."""

import re
import tempfile

from harness import CASES, ROOT, Weir, expect, expect_code

GOLDEN = ROOT / "tests/golden/refused"


def documents():
    """(name, text) of every document of tests/refused/*.yaml; the name is its comment's words."""
    for path in sorted((ROOT / "tests/refused").glob("*.yaml")):
        text = path.read_text()
        parts = re.split(r"(?m)^---\n", text)
        # Before the first `---` stands a comment about the file.
        for number, part in enumerate(p for p in parts if re.search(r"(?m)^[^#\s]", p)):
            comment = " ".join(line[1:].strip() for line in part.splitlines() if line.startswith("#"))
            words = re.sub(r"[^a-z0-9]+", "-", comment.lower()).strip("-")[:60].strip("-")
            yield "%s-%02d-%s" % (path.stem, number + 1, words), part


def check(weir, text):
    weir.write("rule.yaml", text)
    return weir.run("check", "rule.yaml")


def add_case(name, text):
    def refused(weir):
        result = check(weir, text)
        expect_code(result, 2)
        expect(result.out == "", "nothing on standard output", result)
        expect("--> rule.yaml:" in result.err, "a place", result)
        golden = GOLDEN / (name + ".txt")
        expect(golden.exists(), "no golden file %s; see --update-golden" % golden.name, result)
        expect(golden.read_text() == result.err, "expected\n%s" % golden.read_text(), result)

    refused.__name__ = "refused: " + name
    CASES.append(refused)


def update_golden(program):
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    for name, text in documents():
        with tempfile.TemporaryDirectory() as folder:
            (GOLDEN / (name + ".txt")).write_text(check(Weir(program, folder), text).err)


for _name, _text in documents():
    add_case(_name, _text)
