"""weir replay: streams, formats, limits, interruption; weir why."""

import gzip
import json
import os
import signal
import subprocess
import time

from harness import ROOT, case, expect, expect_code, expect_in

RULES = """\
rules:
  - id: pair
    title: An a, then a b
    severity: high
    key: user
    pattern: SEQ(a, b AS second WHERE n > 1) WITHIN 1m
    alert:
      message: "{second.user} did {second.n}"
      fields: {n: second.n}
"""


def event(seconds, type_, **fields):
    stamp = "2026-01-01T00:%02d:%02dZ" % (seconds // 60, seconds % 60)
    return json.dumps({"ts": stamp, "type": type_, **fields}) + "\n"


LOG = (
    event(0, "a", user="bob")
    + event(1, "a", user="ann")
    + event(2, "b", user="bob", n=5)
    + event(3, "b", user="ann", n=1)
    + event(70, "b", user="ann", n=7)
)


def setup(weir, rules=RULES, log=LOG):
    weir.write("r.yaml", rules)
    weir.write("l.ndjson", log)
    return ["replay", "--rules", "r.yaml", "--log", "l.ndjson"]


@case
def alerts_are_ndjson_in_a_pipe_and_the_summary_is_apart(weir):
    result = weir.run(*setup(weir))
    expect_code(result, 0)
    lines = result.out.splitlines()
    expect(len(lines) == 1, "one alert", result)
    alert = json.loads(lines[0])
    expect(alert["rule"] == "pair" and alert["key"] == {"user": "bob"}, "its rule and key", result)
    expect(alert["detected_at"] == "2026-01-01T00:00:02.000Z", "its time", result)
    expect(alert["message"] == "bob did 5" and alert["fields"] == {"n": 5}, "message and fields", result)
    expect(list(alert["match"]) == ["a", "second"], "its events", result)
    expect(len(alert["id"]) == 32, "an id of 32 digits", result)
    for part in ("events", "alerts", "rejected", "late", "time", "pair"):
        expect_in(part, result.err, result)


@case
def the_same_log_gives_the_same_bytes(weir):
    args = setup(weir)
    expect(weir.run(*args).out == weir.run(*args).out, "the same output twice")


@case
def text_is_for_people(weir):
    result = weir.run(*setup(weir), "--output", "text", "--quiet")
    expect_code(result, 0)
    expect(
        result.out == "2026-01-01 00:00:02  high      pair  user=bob  bob did 5\n", "the line", result
    )
    expect(result.err == "", "--quiet says nothing", result)
    verbose = weir.run(*setup(weir), "--output", "text", "-v").out
    expect_in("second  2026-01-01 00:00:02  b user=bob n=5", verbose)


@case
def control_characters_of_a_log_do_not_reach_the_terminal(weir):
    args = setup(weir, log=event(0, "a", user="\x1b[31mx") + event(1, "b", user="\x1b[31mx", n=2))
    out = weir.run(*args, "--output", "text", "-v").out
    expect("\x1b" not in out, "no escape character: %r" % out)
    expect_in("\\x1b[31mx", out)


@case
def on_a_terminal_alerts_are_text_and_coloured(weir):
    out = in_terminal(weir, *setup(weir))
    expect_in("bob did 5", out)
    expect_in("\x1b[31mhigh", out)
    plain = in_terminal(weir, *setup(weir), "--color", "never")
    expect("\x1b[31m" not in plain, "--color never: %r" % plain)


@case
def progress_is_shown_on_a_terminal_and_taken_away(weir):
    log = "".join(event(i % 3600, "x", user="u%d" % (i % 7)) for i in range(0, 3600)) * 60
    out = in_terminal(weir, *setup(weir, log=log), "--out-of-order", "2h")
    expect_in("events/s" if "events/s" in out else "events", out)
    expect_in("\r\x1b[2K", out)
    quiet = in_terminal(weir, *setup(weir, log=log), "--out-of-order", "2h", "--quiet")
    expect("\x1b[2K" not in quiet, "--quiet: %r" % quiet[:200])


def in_terminal(weir, *args):
    """Runs weir with a pseudo-terminal as standard output and error; returns what it showed."""
    import pty

    main, side = pty.openpty()
    env = {**weir.env, "TERM": "xterm"}
    process = subprocess.Popen(
        [weir.program, *args], cwd=weir.folder, env=env, stdin=subprocess.DEVNULL, stdout=side, stderr=side
    )
    os.close(side)
    shown = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(main)
    process.wait(timeout=60)
    return shown.decode(errors="replace")


@case
def standard_input_and_compression_are_read(weir):
    setup(weir)
    weir.write("l.gz", gzip.compress(LOG.encode()))
    plain = weir.run("replay", "-r", "r.yaml", "-l", "l.ndjson").out
    for result in (
        weir.run("replay", "-r", "r.yaml", "-l", "-", stdin=LOG),
        weir.run("replay", "-r", "r.yaml", "-l", "l.gz"),
        weir.run("replay", "-r", "r.yaml", "-l", "-", stdin=gzip.compress(LOG.encode())),
    ):
        expect_code(result, 0)
        expect(result.out == plain, "the same alerts", result)


@case
def several_logs_are_merged_by_time(weir):
    setup(weir)
    lines = LOG.splitlines(keepends=True)
    weir.write("one.ndjson", lines[0] + lines[3])
    weir.write("two.ndjson", lines[1] + lines[2] + lines[4])
    result = weir.run("replay", "-r", "r.yaml", "-l", "one.ndjson", "two.ndjson")
    expect_code(result, 0)
    expect(json.loads(result.out)["key"] == {"user": "bob"}, "the alert", result)


@case
def rejected_records_are_written_and_counted(weir):
    log = LOG + "{broken\n" + '{"type":"a","user":"x"}\n' + event(80, "a", user="bob")
    args = setup(weir, log=log)
    result = weir.run(*args, "--rejected", "bad.ndjson")
    expect_code(result, 0)
    bad = [json.loads(line) for line in weir.read("bad.ndjson").splitlines()]
    expect([b["reason"] for b in bad] == ["json_invalid", "missing_time"], "reasons: %s" % bad)
    expect(all(set(b) >= {"source", "offset", "reason", "raw"} for b in bad), "members: %s" % bad)
    expect(bad[0]["offset"] == len(LOG) and bad[0]["raw"] == "{broken", "place and bytes: %s" % bad)
    expect_in("1 json_invalid, 1 missing_time", result.err, result)


@case
def too_many_rejected_records_end_with_4(weir):
    args = setup(weir, log=LOG + "{broken\n{broken\n")
    expect_code(weir.run(*args), 0)
    expect_code(weir.run(*args, "--max-rejected", "2"), 0)
    for limit in ("1", "0", "10%"):
        result = weir.run(*args, "--max-rejected", limit)
        expect_code(result, 4)
        expect_in("2 of 7 records were rejected", result.err, result)
        expect_in("{broken", result.err, result)
    many = "".join(event(i % 60, "a", user="x") for i in range(1000)) + "{broken\n" * 30
    result = weir.run(*setup(weir, log=many), "--out-of-order", "1h")
    expect_code(result, 4)
    expect_in("json_invalid", result.err, result)


@case
def late_events_are_written_and_counted(weir):
    log = LOG + event(1, "a", user="late")
    result = weir.run(*setup(weir, log=log), "--late", "late.ndjson")
    expect_code(result, 0)
    late = [json.loads(line) for line in weir.read("late.ndjson").splitlines()]
    expect(len(late) == 1 and late[0]["reason"] == "late", "one late event: %s" % late)
    expect(late[0]["offset"] == len(LOG), "its place: %s" % late)
    expect(json.loads(late[0]["raw"])["user"] == "late", "its bytes: %s" % late)
    bounded = weir.run(*setup(weir, log=log), "--late", "late.ndjson", "--out-of-order", "2m")
    expect_code(bounded, 0)
    expect(weir.read("late.ndjson") == "", "within the bound nothing is late")


@case
def since_and_until_leave_events_out(weir):
    args = setup(weir)
    result = weir.run(*args, "--since", "2026-01-01T00:00:01Z")
    expect(result.out == "", "the first a is left out", result)
    result = weir.run(*args, "--until", "2026-01-01T00:00:02Z")
    expect(result.out == "", "until leaves out its own instant", result)
    result = weir.run(*args, "--until", "2026-01-01T00:00:03Z")
    expect(len(result.out.splitlines()) == 1, "and nothing before it", result)


@case
def a_truncated_gzip_gives_what_could_be_read_and_4(weir):
    setup(weir)
    whole = gzip.compress(LOG.encode() + os.urandom(200).hex().encode())
    weir.write("l.gz", whole[:-20])
    result = weir.run("replay", "-r", "r.yaml", "-l", "l.gz", "--max-rejected", "5")
    expect_code(result, 4)
    expect(len(result.out.splitlines()) == 1, "the alert before the break", result)
    expect_in("l.gz", result.err, result)


@case
def invalid_rules_end_with_2_and_read_no_log(weir):
    result = weir.run(*setup(weir, rules="rules:\n  - {id: r, pattern: 'SEQ(a'}\n"))
    expect_code(result, 2)
    expect(result.out == "", "no alerts", result)


@case
def a_closed_pipe_ends_quietly(weir):
    rules = "rules:\n  - {id: every, pattern: a}\n"
    log = "".join(event(i % 3600, "a", i=i) for i in range(3600)) * 20
    args = setup(weir, rules=rules, log=log)
    process = weir.start(*args, "--out-of-order", "2h")
    process.stdin.close()
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read().decode()
    code = process.wait(timeout=60)
    expect(code == 0 and err == "", "expected a quiet end, got %d, %r" % (code, err))


@case
def an_interrupt_ends_with_the_summary_and_130(weir):
    setup(weir)
    process = weir.start("replay", "-r", "r.yaml", "-l", "-")
    process.stdin.write((LOG * 1).encode())
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    expect(process.returncode == 130, "expected 130, got %d: %s" % (process.returncode, err))
    expect_in("interrupted", err.decode())
    expect_in("events", err.decode())


@case
def formats_of_rule_files_have_names_and_are_found_by_auto(weir):
    rules = (
        "formats:\n  sshd:\n    base: syslog\n    lines:\n"
        "      - {type: fail, match: 'Failed password for (?<user>\\S+) from (?<ip>\\S+)'}\n"
        "rules:\n  - {id: guess, key: ip, pattern: 'fail{2} WITHIN 1m'}\n"
    )
    log = "".join("Jan  1 00:00:%02d h sshd[1]: Failed password for bob from 10.0.0.1 port 1\n" % i for i in (1, 2))
    weir.write("r.yaml", rules)
    weir.write("auth.log", log)
    named = weir.run("replay", "-r", "r.yaml", "-l", "auth.log", "--format", "sshd", "--year", "2026")
    expect_code(named, 0)
    expect(json.loads(named.out)["detected_at"] == "2026-01-01T00:00:02.000Z", "the year", named)
    auto = weir.run("replay", "-r", "r.yaml", "-l", "auth.log", "--year", "2026")
    expect(auto.out == named.out, "auto finds it", auto)
    told = weir.run("replay", "-r", "r.yaml", "-l", "auth.log", "-v").err
    expect_in("info: auth.log is read as sshd", told)


@case
def the_demo_finds_what_is_in_its_log(weir):
    result = weir.run(
        *["replay", "--rules", ROOT / "rules/security", "--format", "sshd", "--year", "2017"],
        *["--log", ROOT / "examples/authlog/auth.log.gz"],
    )
    expect_code(result, 0)
    rules = {json.loads(line)["rule"] for line in result.out.splitlines()}
    for rule in ("ssh-password-guessing", "ssh-unknown-users"):
        expect(rule in rules, "%s fires" % rule)


@case
def bad_input_does_not_stop_what_comes_after_it(weir):
    good = event(0, "a", user="bob").encode()
    last = event(2, "b", user="bob", n=5).encode()
    at = b'{"ts":"2026-01-01T00:00:01Z","type":"b","user":"bob","n":'
    bad = [
        (b"\x00\x01\x02", "json_invalid"),
        (b'{"ts":"2026-01-01T00:00:01Z","type":"a","user":"\xff"}', "invalid_utf8"),
        (b'{"ts":"2026-01-01T00:00:01Z","type":"a","user":"\xc0\xaf"}', "invalid_utf8"),
        (b'{"ts":"2026-01-01T00:00:01Z","type":"a","user":"\xed\xa0\x80"}', "invalid_utf8"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a":' * 100_000, "json_too_deep"),
        (b"[1,2]", "json_no_object"),
        (b'"text"', "json_no_object"),
        (at + b"1e400}", "number_out_of_range"),
        (at + b"9223372036854775808}", "integer_out_of_range"),
        (at + b"NaN}", "json_invalid"),
        (at + b"Infinity}", "json_invalid"),
        (at + b"0x10}", "json_invalid"),
        (at + b"007}", "json_invalid"),
        (at + b"1_000}", "json_invalid"),
        (at + b'1,"n":2}', "duplicate_key"),
        (at + b"1} " + at + b"2}", "json_invalid"),
        (at + b"1 /* one */}", "json_invalid"),
        (b'{"ts":"2026-13-01T00:00:01Z","type":"a"}', "bad_time"),
        (b'{"ts":"soon","type":"a"}', "bad_time"),
        (b'{"ts":true,"type":"a"}', "bad_time"),
        (b'{"ts":"2026-01-01T00:00:01+25:00","type":"a"}', "bad_time"),
        (b'{"ts":"10000-01-01T00:00:01Z","type":"a"}', "bad_time"),
        (b'{"ts":"9999-01-01T00:00:01Z","type":"a"}', "time_out_of_range"),
        (b'{"ts":"0001-01-01T00:00:01Z","type":"a"}', "time_out_of_range"),
        (b'{"ts":null,"type":"a"}', "missing_time"),
        (b'{"type":"a"}', "missing_time"),
        (b'{"ts":"2026-01-01T00:00:01Z"}', "missing_type"),
        (b'{"ts":"2026-01-01T00:00:01Z","type":7}', "bad_type"),
        (b'{"ts":"2026-01-01T00:00:01Z","type":""}', "bad_type"),
        (b"{'ts': 1}", "json_invalid"),
        (b'{"ts":"2026-01-01T00:00:01Z","type":"a",}', "json_invalid"),
        (b"x" * (17 * 1024 * 1024), "record_too_long"),
    ]
    setup(weir)
    weir.write("bad.ndjson", b"\xef\xbb\xbf" + good + b"".join(b + b"\r\n" for b, _ in bad) + last.rstrip(b"\n"))
    result = weir.run(
        *["replay", "-r", "r.yaml", "-l", "bad.ndjson", "--format", "ndjson", "--max-rejected", "1000"],
        *["--rejected", "out.ndjson"],
    )
    expect_code(result, 0)
    rejected = [json.loads(line) for line in weir.read("out.ndjson").splitlines()]
    got, wanted = [r["reason"] for r in rejected], [reason for _, reason in bad]
    expect(got == wanted, "rejected for\n%s\nnot\n%s" % (got, wanted))
    places, place = [], 3 + len(good)
    for record, _ in bad:
        places.append(place)
        place += len(record) + 2
    expect([r["offset"] for r in rejected] == places, "each at its place", result)
    expect(len(result.out.splitlines()) == 1, "the match around them is found", result)


@case
def events_without_the_key_of_a_rule_are_counted(weir):
    result = weir.run(*setup(weir, rules=RULES.replace("key: user", "key: usr") + RULES.split("\n", 1)[1].replace("pair", "fine")))
    expect_code(result, 0)
    expect_in("  no key     5 events of pair\n", result.err, result)
    expect_in("  rejected   0\n", result.err, result)
    expect(len(result.out.splitlines()) == 1, "the other rule matches", result)


MASKED = """\
rules:
  - id: one
    key: card
    pattern: SEQ(pay AS p, pay+ AS q, done) WITHIN 1h
    alert:
      stream: ones
      message: "{p.card} {upper(p.card)} {p.account.owner} {distinct(q.card)}"
      fields: {c: p.card, u: lower(p.card), o: p.account.owner, d: distinct(q.card)}
      mask: [card, account.owner]
  - id: reads-the-stream
    pattern: ones AS o
    alert:
      stream: twos
      message: "{o.c} {o.card} {upper(o.o)}"
      fields: {again: o.c, card_too: o.card}
  - id: reads-the-reader
    key: again
    pattern: twos AS t
    alert: {message: "{t.again}", fields: {third: t.card_too}}
  - id: reads-a-window
    key: c
    pattern: of_ones AS w
    alert: {message: "{w.c} {w.all}", fields: {list: w.all}}
  - id: reads-a-window-of-readers
    pattern: of_twos AS w
    alert: {message: "{w.last_one}", fields: {it: w.last_one}}
derive:
  - id: of_ones
    from: ones
    key: c
    window: tumbling 1h
    values: {n: count(), all: distinct(u)}
  - id: of_twos
    from: twos
    window: tumbling 1h
    values: {last_one: last(again)}
"""


@case
def what_a_mask_hides_is_hidden_however_it_is_read(weir):
    log = "".join(
        event(second, type_, card="Secret1", account={"owner": "Owner9"}, note="paid by Secret1")
        for second, type_ in enumerate(["pay", "pay", "done"])
    )
    command = setup(weir, MASKED, log)
    result = weir.run(*command)
    expect_code(result, 0)
    alerts = [json.loads(line) for line in result.out.splitlines()]
    expect(len({a["rule"] for a in alerts}) == 5, "an alert of every rule", result)
    text = weir.run(*command, "--output", "text", "-v").out
    for shown in (result.out.lower(), text.lower()):
        expect("secret1" not in shown and "owner9" not in shown, "nothing of it is shown", result)
    expect_in('"n":1', result.out, result)


@case
def logs_of_nothing_are_fine(weir):
    setup(weir)
    for name, content in (("empty", b""), ("bom", b"\xef\xbb\xbf"), ("blank", b"\n\n\r\n")):
        weir.write(name, content)
        result = weir.run("replay", "-r", "r.yaml", "-l", name)
        expect_code(result, 0)
        expect(result.out == "", "no alerts", result)


@case
def why_tells_of_the_run_that_got_furthest(weir):
    args = setup(weir)[1:]
    result = weir.run("why", "pair", *args, "--key", "user=ann")
    expect_code(result, 0)
    expect_in("It did not fire.", result.out, result)
    expect_in("user=ann from 2026-01-01 00:00:01, 1 event bound", result.out, result)
    expect_in("b AS second WHERE n > 1", result.out, result)
    expect_in("its time was over", result.out, result)
    fired = weir.run("why", "pair", *args, "--key", "user=bob")
    expect_in("It fired once.", fired.out, fired)


@case
def why_tells_of_input_that_never_came(weir):
    args = setup(weir, rules=RULES.replace("SEQ(a, b ", "SEQ(aa, bb "))[1:]
    result = weir.run("why", "pair", *args)
    expect_code(result, 0)
    expect_in("0 events came", result.out, result)
    expect_in("other types: ", result.out, result)


@case
def why_tells_of_a_key_that_is_lacking(weir):
    args = setup(weir, rules=RULES.replace("key: user", "key: account"))[1:]
    result = weir.run("why", "pair", *args)
    expect_in("5 events lacked the key (account)", result.out, result)


@case
def why_refuses_what_it_cannot_look_for(weir):
    args = setup(weir)[1:]
    wrong_rule = weir.run("why", "par", *args)
    expect_code(wrong_rule, 3)
    expect_in('did you mean "pair"?', wrong_rule.err, wrong_rule)
    expect_code(weir.run("why", "pair", *args, "--key", "usr=bob"), 3)
    expect_code(weir.run("why", "pair", *args, "--key", "bob"), 3)
    expect_code(weir.run("why", "pair", *args, "--at", "noon"), 3)


PATTERNS = RULES.replace(
    "b AS second WHERE n > 1", "b AS second WHERE n > 1 and what contains (%s)" % ", ".join(
        '"word%d"' % i for i in range(20))
)


@case
def compiled_patterns_are_kept(weir):
    log = LOG.replace('"n": 5', '"n": 5, "what": "a word17 b"')
    args = setup(weir, rules=PATTERNS, log=log) + ["-q", "-vv", "--cache", "kept/here"]
    first = weir.run(*args)
    expect_code(first, 0)
    expect(len(first.out.splitlines()) == 1, "one alert", first)
    expect_in("20 text patterns: 1 databases compiled, 0 read from kept/here, 1 stored", first.err, first)
    second = weir.run(*args)
    expect_in("0 databases compiled, 1 read from kept/here, 0 stored", second.err, second)
    expect(second.out == first.out, "the same alert", second)
    # Other patterns are another database.
    weir.write("r.yaml", PATTERNS.replace("word3", "word03"))
    expect_in("1 databases compiled, 0 read", weir.run(*args).err)
    expect(len(os.listdir(weir.folder / "kept/here")) == 2, "a file for each")


@case
def a_cache_that_fails_is_no_matter(weir):
    log = LOG.replace('"n": 5', '"n": 5, "what": "a word17 b"')
    args = setup(weir, rules=PATTERNS, log=log) + ["-q", "-vv", "--cache"]
    plain = weir.run(*args, "")
    expect_code(plain, 0)
    expect_in("1 databases compiled, 0 read from no cache, 0 stored, 0 failures", plain.err, plain)
    weir.run(*args, "kept")
    (file,) = (weir.folder / "kept").iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-1], whole[:50] + b"x" + whole[51:], b"", whole + b"x"):
        file.write_bytes(damaged)
        result = weir.run(*args, "kept")
        expect(result.code == 0 and result.out == plain.out, "the same alert", result)
        expect_in("1 databases compiled", result.err, result)
        expect(file.read_bytes() == whole, "written anew", result)
    # A file where the folder should be.
    weir.write("taken", "")
    result = weir.run(*args, "taken")
    expect(result.code == 0 and result.out == plain.out, "the same alert", result)
    expect_in("0 stored, 1 failures", result.err, result)


@case
def the_cache_is_where_the_user_has_it(weir):
    args = setup(weir, rules=PATTERNS) + ["-q"]
    expect_code(weir.run(*args, env={"XDG_CACHE_HOME": str(weir.folder / "x")}), 0)
    expect(len(os.listdir(weir.folder / "x/weir")) == 1, "by XDG_CACHE_HOME")
    home = {"XDG_CACHE_HOME": "", "HOME": str(weir.folder)}
    expect_code(weir.run(*args, env=home), 0)
    expect(len(os.listdir(weir.folder / ".cache/weir")) == 1, "by HOME")


@case
def keys_that_are_equal_look_the_same(weir):
    # Whichever event opened the key, and however long it has been open.
    weir.write(
        "r.yaml",
        """
rules:
  - {id: alone, key: k, pattern: a}
  - {id: pair, key: k, pattern: "SEQ(a, b) WITHIN 2s"}
  - {id: listed, key: k, pattern: "SEQ(a++ AS all, b) WITHIN 9s"}
""",
    )
    for first, second, shown in (("1.0", "1", "1"), ("1", "1.0", "1"), ("[1.0,2]", "[1,2.0]", "[1,2]")):
        rows = [(0, "a", first), (5, "a", second), (6, "b", first)]
        weir.write("l.ndjson", "".join('{"ts":%d,"type":"%s","k":%s}\n' % row for row in rows))
        result = weir.run("replay", "-r", "r.yaml", "-l", "l.ndjson", "--time-format", "epoch_s", "--output", "ndjson")
        expect_code(result, 0)
        expect(result.out.count('"key":{"k":%s}' % shown) == 4, "four alerts with the key %s" % shown, result)
