"""Many sources, event time, recordings."""
import datetime
import json
import random
import time

import servers
from harness import case, expect, expect_code
from live_run import LiveRun, Sender, append, by_rule, connect, request, until

BASE = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)

# A sequence per key, a window that a rule reads, an absence: order shows in each.
RULES = """\
derive:
  - {id: busy, from: a, key: user, window: tumbling 2s, values: {n: count()}}
rules:
  - {id: many, key: user, pattern: busy AS w WHERE w.n >= 4}
  - id: pair
    key: user
    pattern: SEQ(a AS x, b AS y WHERE y.n != x.n) WITHIN 5s
    alert: {fields: {x: x.n, y: y.n}}
  - id: alone
    key: user
    pattern: SEQ(a AS x, NOT b) WITHIN 3s
"""


def stamp(seconds):
    return (BASE + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace(
        "+00:00", "Z")


def event(kind, at, **fields):
    return json.dumps({"type": kind, "ts": stamp(at), **fields})


def jittered(seed, count, first, step, jitter):
    """Events in the order in which they come: each up to `jitter` seconds behind its time."""
    chance = random.Random(seed)
    events = []
    for i in range(count):
        at = first + i * step
        kind = chance.choice("aab")
        events.append((at + chance.random() * jitter,
                       event(kind, at, user="u%d" % chance.randrange(40), n=seed * 1000000 + i)))
    return [text for _, text in sorted(events)]


def live_time(out_of_order, idle="300ms"):
    return {"field": "ts", "out_of_order": out_of_order, "idle_timeout": idle, "max_future": "never"}


def replayed(weir, folder="recording"):
    result = weir.run("replay", "--recording", folder, "-o", "ndjson", "--quiet")
    expect_code(result, 0)
    return [json.loads(line) for line in result.out.splitlines()]


def expect_same(live, again, least):
    expect(len(live) >= least, "only %d alerts" % len(live))
    ours, theirs = by_rule(live), by_rule(again)
    expect(sorted(ours) == sorted(theirs), "rules %s and %s" % (sorted(ours), sorted(theirs)))
    for rule in ours:
        expect(ours[rule] == theirs[rule],
               "%s: %d alerts, %d of the recording" % (rule, len(ours[rule]), len(theirs[rule])))
    expect(len({a["id"] for a in live}) == len(live), "ids are not unique")


@case
def jittered_stalling_sources_replay_to_the_same_alerts(weir):
    http, tcp = servers.free_ports(2)
    time_of = live_time("500ms")
    config = {
        "record": "recording",
        "sources": [
            {"name": "one", "file": {"path": "one.ndjson", "follow": True}, "time": time_of},
            {"name": "two", "file": {"path": "two.ndjson", "follow": True}, "time": time_of},
            {"name": "post", "http": {"listen": "127.0.0.1:%d" % http}, "time": time_of},
            {"name": "wire", "tcp": {"listen": "127.0.0.1:%d" % tcp}, "time": time_of},
        ],
    }
    count, pieces = 3000, 60
    inputs = [jittered(s, count, 0, 0.01, 0.45) for s in range(4)]
    for one in inputs:
        one[count // 3] = "{broken"
    # One that comes far too late, in its own source.
    inputs[0][2 * count // 3] = event("a", 1, user="u1", n=99)

    def feed(i, put):
        size = count // pieces
        for piece in range(pieces):
            if i == 2 and piece == pieces // 2:
                time.sleep(1.5)  # longer than idle_timeout: then it comes back, and is behind
            put("\n".join(inputs[i][piece * size:(piece + 1) * size]) + "\n")
            time.sleep(random.Random(i * 100 + piece).random() * 0.04)

    with LiveRun(weir, RULES, config) as run:
        wire = connect(tcp)
        def post(text):
            code, answer = request(http, "POST", "/", text)
            expect(code == 200, answer)
        puts = [lambda t: append(run.folder / "one.ndjson", t),
                lambda t: append(run.folder / "two.ndjson", t), post,
                lambda t: wire.sendall(t.encode())]
        senders = [Sender(feed, i, put) for i, put in enumerate(puts)]
        while any(s.is_alive() for s in senders):
            run.status()
            time.sleep(0.1)
        for sender in senders:
            sender.done()
        wire.close()
        until("all records", lambda: sum(s["records"] for s in run.status()["sources"]) == 4 * count)
        summary = run.stop()
        expect(summary["records"] == 4 * count, summary)
        expect(summary["rejected"] == 4, summary)
        expect(summary["matched"] + summary["late"] == 4 * count - 4, summary)
        expect(summary["late"] > 100, summary)
        live = run.alerts()
        expect(summary["alerts"] == len(live), summary)
        expect(len(run.alerts("late.ndjson")) == summary["late"], "late file")
        expect(len(run.alerts("rejected.ndjson")) == 4, "rejected file")
    expect_same(live, replayed(weir), 1000)


@case
def a_stalled_source_holds_back_only_the_rules_that_it_feeds(weir):
    rules = """\
rules:
  - {id: of-a, pattern: a AS x}
  - {id: of-both, key: user, pattern: "SEQ(a AS x, b AS y)"}
"""
    def source(name):
        return {"name": name, "file": {"path": name + ".ndjson", "follow": True}, "types": [name],
                "time": live_time("0s", "never")}

    with LiveRun(weir, rules, {"record": "recording", "sources": [source("a"), source("b")]}) as run:
        append(run.folder / "a.ndjson", "".join(event("a", i, user="u", n=i) + "\n"
                                                for i in range(10)))
        until("alerts of the source that is not stalled", lambda: len(run.alerts()) == 10)
        expect({x["rule"] for x in run.alerts()} == {"of-a"}, "of-both waits for b")
        domains = {tuple(d["sources"]): d for d in run.status()["domains"]}
        expect(domains["a",]["matched"] == 10, domains)
        expect(domains["a", "b"]["waiting"] == 10, domains)
        append(run.folder / "b.ndjson", event("b", 20, user="u", n=0) + "\n")
        append(run.folder / "a.ndjson", event("a", 30, user="u", n=10) + "\n")
        until("alerts of both", lambda: len(by_rule(run.alerts()).get("of-both", [])) > 0)
        run.stop()
        live = run.alerts()
    expect_same(live, replayed(weir), 12)


@case
def silence_of_all_sources_moves_time_on(weir):
    now = time.time() - BASE.timestamp()
    rules = """\
rules:
  - {id: silence, key: user, pattern: "SEQ(a AS x, NOT b) WITHIN 2s"}
"""
    time_of = {**live_time("0s", "400ms"), "max_future": "1m"}
    config = {
        "record": "recording",
        "sources": [{"name": n, "file": {"path": n + ".ndjson", "follow": True}, "time": time_of}
                    for n in ("one", "two")],
    }
    with LiveRun(weir, rules, config) as run:
        append(run.folder / "two.ndjson", event("c", now - 60, user="u") + "\n")
        append(run.folder / "one.ndjson", "\n".join([
            event("a", now - 1, user="quiet"),
            event("a", now + 3600, user="future"),
            event("a", now - 30, user="late"),
        ]) + "\n")
        (alert,) = until("the alert of a silence", run.alerts)
        expect(alert["key"] == {"user": "quiet"}, alert)
        source = run.source("one")
        expect(source["partitions"][0]["idle"], source)
        run.stop()
        live = run.alerts()
        (rejected,) = run.alerts("rejected.ndjson")
        expect(rejected["reason"] == "far_future", rejected)
        (late,) = run.alerts("late.ndjson")
        expect("late" in json.dumps(late), late)
    expect_same(live, replayed(weir), 1)


@case
def a_file_that_is_rotated_is_read_whole(weir):
    rules = "rules:\n  - {id: each, pattern: a AS x, alert: {fields: {n: x.n}}}\n"
    config = {
        "record": "recording",
        "sources": [{"name": "log", "file": {"path": "log.ndjson", "follow": True},
                     "time": live_time("0s")}],
    }
    with LiveRun(weir, rules, config) as run:
        path = run.folder / "log.ndjson"
        n = 0

        def write(count):
            nonlocal n
            for _ in range(count):
                append(path, event("a", n, user="u", n=n) + "\n")
                n += 1

        write(1)
        until("the file to be open", lambda: len(run.alerts()) == 1)
        write(49)
        path.rename(run.folder / "log.ndjson.1")  # not yet read to its end, maybe
        append(run.folder / "log.ndjson.1", event("a", n, user="u", n=n) + "\n")
        n += 1
        write(50)
        until("what was renamed", lambda: len(run.alerts()) == n)
        path.write_text("")  # copytruncate
        write(50)
        until("what came after the cut", lambda: len(run.alerts()) == n)
        run.stop()
        live = run.alerts()
    expect([a["fields"]["n"] for a in live] == list(range(n)), "each once, in order")
    expect_same(live, replayed(weir), n)
