"""weir replay --threads: what comes out is the same, byte for byte."""

import gzip
import json
import random

from harness import ROOT, case, expect, expect_code, expect_in

# Rules that are spread by their keys, a chain, windows, and limits.
RULES = """\
derive:
  - id: spending
    from: pay
    key: user
    window: sliding 60s every 20s
    values:
      n: count()
      total: sum(amount)
rules:
  - id: quick
    title: three payments of a card
    severity: high
    key: card
    pattern: pay{3} AS p WITHIN 20s
    alert: {message: "{last(p.card)}", cooldown: 1m}
  - id: unconfirmed
    title: a large payment that nobody confirms
    severity: high
    key: user
    pattern: SEQ(pay AS p WHERE amount > 80, NOT confirm WHERE ref == p.ref WITHIN 30s)
    alert: {stream: cases, fields: {ref: p.ref}}
  - id: login-then-pay
    title: t
    severity: low
    key: user
    pattern: SEQ(NOT login WITHIN 5s, login, NEXT pay AS p WHERE amount > 50) WITHIN 1m
    alert: {stream: cases, cooldown: 2m, mask: [card]}
  - id: two-cases
    title: t
    severity: critical
    key: user
    pattern: SEQ(cases AS one, cases AS two WHERE rule != one.rule) WITHIN 1h
    alert: {message: "{one.rule} {two.rule} {two.kept_back}"}
  - id: rising
    title: t
    severity: low
    key: user
    pattern: SEQ(spending AS a, NEXT spending AS b WHERE total > 2 * a.total) WITHIN 1m
  - id: limited
    title: t
    severity: low
    key: user
    pattern: SEQ(login, login) WITHIN 10s
    alert: {max_per: 5/1m}
  - id: anybody
    title: t
    severity: low
    pattern: SEQ(pay WHERE amount > 98, pay WHERE amount > 98) WITHIN 2s
  - id: to-the-end
    title: t
    severity: low
    key: card
    pattern: SEQ(pay AS p WHERE amount > 97, pay++ AS more WHERE amount < 3)
"""

# Threads, workers (none: chosen), events that are handed over at a time.
WAYS = [(2, None, None), (2, 1, 256), (2, 2, 1), (3, 3, 7), (8, 8, 4096), (8, 3, None)]


def stamp(ms):
    seconds, ms = divmod(ms, 1000)
    return "2026-01-%02dT%02d:%02d:%02d.%03dZ" % (
        1 + seconds // 86400,
        seconds // 3600 % 24,
        seconds // 60 % 60,
        seconds % 60,
        ms,
    )


def payments(seed, lines, start=0, disorder=0, bad=0.0):
    """NDJSON of about 100 bytes a line; `disorder`: up to so many milliseconds early."""
    r = random.Random(seed)
    now = start + 60000
    out = []
    for i in range(lines):
        now += r.choice((0, 0, 1, 20, 400))
        if r.random() < bad:
            out.append(r.choice(('{"type":"pay"', '{"type":"pay","ts":"yesterday"}', "[1]", '{"ts":1}')))
            continue
        user = r.randrange(300)
        event = {"type": r.choice(("pay", "pay", "pay", "login", "confirm")), "ts": stamp(now - r.randint(0, disorder))}
        if r.random() < 0.97:
            event["user"] = "user%d" % user
        if event["type"] == "pay":
            event["card"] = "4000-%d" % (user * 2 + r.randrange(2))
            event["amount"] = r.randrange(100)
        event["ref"] = "R%d" % r.randrange(2000)
        out.append(json.dumps(event))
    return "\n".join(out) + "\n"


def summary(err):
    return [line for line in err.splitlines() if not line.startswith("  time ")]


def compare(weir, *args, code=0, alerts=True, stdin=b"", ways=WAYS):
    """The same replay on one thread and on many."""

    def run(*more):
        for name in ("late.ndjson", "rejected.ndjson"):
            weir.write(name, "")
        result = weir.run(
            "replay", *args, *more, "--late", "late.ndjson", "--rejected", "rejected.ndjson", stdin=stdin
        )
        return result, weir.read("late.ndjson"), weir.read("rejected.ndjson")

    one, late, rejected = run("--threads", 1)
    expect_code(one, code)
    expect(bool(one.out) == alerts, "alerts, or none", one)
    for threads, workers, batch in ways:
        more = ["--threads", threads]
        more += ["--workers", workers] if workers else []
        more += ["--batch-events", batch] if batch else []
        many, late_of_many, rejected_of_many = run(*more)
        expect_code(many, code)
        expect(many.out == one.out, "the same alerts with %r" % more)
        expect(late_of_many == late, "the same late events with %r" % more)
        expect(rejected_of_many == rejected, "the same rejected records with %r" % more)
        expect(summary(many.err) == summary(one.err), "the same summary with %r" % more, many)
    return one, late, rejected


@case
def threads_replay_the_examples_alike(weir):
    compare(weir, "-r", ROOT / "rules/fraud", "-l", ROOT / "examples/payments/payments.ndjson")
    # Syslog, whose lines have no year: decoded one after the other.
    compare(
        weir,
        *("-r", ROOT / "rules/security", "--format", "sshd", "--year", 2017),
        *("-l", ROOT / "examples/authlog/auth.log.gz"),
        ways=WAYS[:4],
    )


@case
def threads_replay_rules_of_every_kind_alike(weir):
    weir.write("r.yaml", RULES)
    weir.write("l.ndjson", payments(1, 25000, disorder=300, bad=0.001))
    one, late, rejected = compare(weir, "-r", "r.yaml", "-l", "l.ndjson")
    for rule in ("quick", "unconfirmed", "login-then-pay", "two-cases", "rising", "limited", "anybody", "to-the-end"):
        expect_in('"rule":"%s"' % rule, one.out)
    expect_in('"suppressed":', one.out)
    expect(late and rejected, "late events and rejected records")
    compare(weir, "-r", "r.yaml", "-l", "l.ndjson", "--output", "text", "-q", ways=WAYS[2:4])


@case
def threads_put_several_logs_in_order_alike(weir):
    weir.write("r.yaml", RULES)
    for i in range(3):
        log = payments(10 + i, 9000, start=i * 200000, disorder=4000).encode()
        weir.write("l%d.ndjson" % i, gzip.compress(log) if i == 1 else log)
    logs = ["-l", "l0.ndjson", "-l", "l1.ndjson", "-l", "l2.ndjson"]
    compare(weir, "-r", "r.yaml", *logs, "--out-of-order", "3s")
    compare(weir, "-r", "r.yaml", *logs, "--out-of-order", "1h", ways=WAYS[1:4])
    # One after the other, so that blocks go on as they are.
    for i in range(3):
        weir.write("d%d.ndjson" % i, payments(20 + i, 12000, start=i * 3000000))
    days = ["-l", "d0.ndjson", "-l", "d1.ndjson", "-l", "d2.ndjson"]
    compare(weir, "-r", "r.yaml", *days)
    compare(weir, "-r", "r.yaml", *days, "--out-of-order", "10s", ways=WAYS[1:4])


@case
def threads_read_csv_standard_input_and_parts_of_a_log_alike(weir):
    weir.write("r.yaml", RULES)
    rows = ["type,ts,user,card,amount,ref"]
    for line in payments(30, 20000).splitlines():
        e = json.loads(line)
        rows.append(",".join(str(e.get(name, "")) for name in ("type", "ts", "user", "card", "amount", "ref")))
    rows[700] = "pay,too,short"
    weir.write("l.csv", "\n".join(rows) + "\n")
    compare(weir, "-r", "r.yaml", "-l", "l.csv", ways=WAYS[1:5])
    log = payments(31, 20000)
    part = ["--since", stamp(200000), "--until", stamp(900000)]
    compare(weir, "-r", "r.yaml", "-l", "-", *part, stdin=log, ways=WAYS[:4])
    compare(weir, "-r", "r.yaml", "-l", "-", stdin=b"", alerts=False, ways=WAYS[:4])


@case
def threads_stop_where_one_would(weir):
    weir.write("r.yaml", RULES)
    weir.write("l.ndjson", payments(40, 15000) + payments(41, 8000, start=2000000, bad=0.2) + payments(42, 20000))
    one, _, _ = compare(weir, "-r", "r.yaml", "-l", "l.ndjson", code=4)
    expect_in("were rejected", one.err)
    # A log that breaks off.
    whole = gzip.compress(payments(43, 25000).encode())
    weir.write("l.gz", whole[: len(whole) // 2])
    compare(weir, "-r", "r.yaml", "-l", "l.gz", code=4, ways=WAYS[1:4])


@case
def threads_are_a_number(weir):
    weir.write("r.yaml", RULES)
    weir.write("l.ndjson", "")
    for value in ("0", "-1", "many", "1000"):
        expect_code(weir.run("replay", "-r", "r.yaml", "-l", "l.ndjson", "--threads", value), 3)
