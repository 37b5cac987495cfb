"""Back-pressure, the end, pipes, and what is told over HTTP."""
import http.server
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

import pathlib
import servers
from cases_order import event, live_time
from harness import case, expect
from live_run import LiveRun, Sender, append, connect, lines, request, until

EACH = "rules:\n  - {id: each, key: user, pattern: a AS x, alert: {fields: {n: x.n}}}\n"


class Hook(http.server.ThreadingHTTPServer):
    """Takes alerts, as slowly as `pause` says, or with 503 while it is `down`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.url = "http://127.0.0.1:%d/" % self.server_address[1]
        self.pause, self.down, self.got, self.refusals = 0, False, [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class HookHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.pause)
        if self.server.down:
            self.server.refusals += 1
            self.send_response(503)
        else:
            self.server.got += [json.loads(line) for line in body.splitlines() if line]
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def post_all(port, requests, busy):
    """Each until it is accepted; counts in `busy` how often it was not."""
    for body in requests:
        while True:
            code, answer = request(port, "POST", "/", body)
            if code == 200:
                break
            expect(code == 429, "%d %s" % (code, answer))
            busy.append(code)
            time.sleep(0.05)


@case
def a_slow_sink_slows_the_source_down_and_nothing_is_lost(weir):
    (port,) = servers.free_ports(1)
    with Hook() as hook:
        config = {
            "limits": {"memory": "256MiB"},
            "sources": [{"name": "post", "time": live_time("0s"),
                         "http": {"listen": "127.0.0.1:%d" % port, "max_waiting_requests": 2}}],
            "sinks": {"alerts": {"http": {"url": hook.url, "batch": 50},
                                 "queue": {"memory": "64KiB", "retry": {"max": "200ms"}}}},
        }
        hook.down = True
        # Alerts hold their event: 40 MB go in, more than all the queues take. One time, so that none is
        # late however the requests overlap.
        filler = "x" * 4000
        bodies = [["\n".join(event("a", 0, user="u%d" % s, n=s * 1000000 + r * 100 + i, filler=filler)
                             for i in range(50)) for r in range(50)] for s in range(4)]
        count = 4 * 50 * 50
        with LiveRun(weir, EACH, config) as run:
            busy = []
            senders = [Sender(post_all, port, mine, busy) for mine in bodies]
            until("429", lambda: len(busy) > 20)
            expect(run.source("post")["state"] == "held", run.source("post"))
            expect(hook.refusals > 0 and not hook.got, "the sink was away")
            records = run.source("post")["records"]
            time.sleep(0.5)
            expect(run.source("post")["records"] == records, "it stands still")
            expect(records < count, "the source was held back")
            run.expect_memory_below(256 << 20)
            hook.down, hook.pause = False, 0.005
            for sender in senders:
                sender.done()
            until("all alerts", lambda: len(hook.got) >= count, 60)
            run.expect_memory_below(256 << 20)
            summary = run.stop()
        expect(summary["records"] == summary["matched"] == summary["alerts"] == count, summary)
        numbers = {a["fields"]["n"] for a in hook.got}
        expect(len(numbers) == count, "%d of %d alerts" % (len(numbers), count))
        expect(len({a["id"] for a in hook.got}) == count, "an id each")


@case
def rejected_and_late_records_wait_for_their_sinks_too(weir):
    (port,) = servers.free_ports(1)
    with Hook() as hook:
        sink = {"http": {"url": hook.url, "batch": 50},
                "queue": {"memory": "64KiB", "retry": {"max": "200ms"}}}
        config = {
            "sources": [{"name": "post", "time": live_time("0s"),
                         "http": {"listen": "127.0.0.1:%d" % port, "max_waiting_requests": 1}}],
            "sinks": {"rejected": sink, "late": sink, "alerts": {"file": {"path": "alerts.ndjson"}}},
        }
        hook.down = True
        filler = "x" * 4000
        # Half of them late, behind the first; half without a time.
        bodies = [[event("a", 1000, user="u", n=0)]] + [[
            event("a", 0, user="u", n=r * 100 + i, filler=filler) if i % 2 else
            json.dumps({"type": "a", "n": r * 100 + i, "filler": filler})
            for i in range(50)] for r in range(100)]
        bodies = ["\n".join(body) for body in bodies]
        with LiveRun(weir, EACH, config) as run:
            busy = []
            # Two at a time: one alone is told of each request what became of it before the next.
            post_all(port, bodies[:1], busy)
            senders = [Sender(post_all, port, bodies[i::2], busy) for i in (1, 2)]
            until("429", lambda: len(busy) > 20)
            expect(run.source("post")["records"] < 2000, run.source("post"))
            hook.down = False
            for sender in senders:
                sender.done()
            until("all of them", lambda: len(hook.got) >= 5000, 60)
            summary = run.stop()
        expect(summary["rejected"] == 2500 == summary["late"], summary)
        expect(len({json.dumps(r) for r in hook.got}) == 5000, "%d records" % len(hook.got))


@case
def sigterm_under_load_delivers_what_was_accepted(weir):
    http_port, tcp_port = servers.free_ports(2)
    config = {
        "record": "recording",
        "sources": [
            {"name": "post", "http": {"listen": "127.0.0.1:%d" % http_port},
             "time": live_time("10s")},
            {"name": "wire", "tcp": {"listen": "127.0.0.1:%d" % tcp_port}, "time": live_time("10s")},
        ],
    }

    def post(sender):
        accepted, piece = [], 0
        while True:
            ns = [sender * 10**9 + piece * 200 + i for i in range(200)]
            try:
                code, answer = request(http_port, "POST", "/", "\n".join(
                    event("a", piece, user="u%d" % (n % 50), n=n) for n in ns))
            except OSError:
                return accepted
            if code == 200:
                expect(json.loads(answer)["accepted"] == 200, answer)
                accepted += ns
            elif code == 503:
                return accepted
            piece += 1

    def pour():
        wire, piece = connect(tcp_port), 0
        try:
            while True:
                wire.sendall("".join(event("a", piece, user="w", n=-1) + "\n"
                                     for _ in range(500)).encode())
                piece += 1
        except OSError:
            return piece

    with LiveRun(weir, EACH, config) as run:
        senders = [Sender(post, s) for s in range(1, 3)]
        poured = Sender(pour)
        until("load", lambda: all(n > 2000 for n in run.taken().values()))
        summary = run.stop()
        accepted = [n for sender in senders for n in sender.done()]
        expect(poured.done() > 0, "lines were sent")
        got = {a["fields"]["n"] for a in run.alerts()}
        late = {e["n"] for e in (json.loads(x.get("raw", "{}")) for x in run.alerts("late.ndjson"))
                if "n" in e}
        missing = set(accepted) - got - late
        expect(accepted and not missing, "%d of %d" % (len(missing), len(accepted)))
        expect(summary["matched"] + summary["late"] == summary["records"], summary)
        expect(summary["alerts"] == summary["matched"] == len(run.alerts()), summary)


@case
def a_second_sigterm_ends_it_at_once(weir):
    (port,) = servers.free_ports(1)
    with Hook() as hook:
        hook.down = True
        config = {
            "sources": [{"name": "log", "file": {"path": "log.ndjson", "follow": True},
                         "time": live_time("0s")}],
            "sinks": {"alerts": {"http": {"url": hook.url}}},
        }
        with LiveRun(weir, EACH, config) as run:
            append(run.folder / "log.ndjson", event("a", 0, user="u", n=1) + "\n")
            until("an attempt", lambda: hook.refusals > 0)
            run.process.send_signal(signal.SIGTERM)
            run.tell("stopping")
            code, answer = run.get("/readyz")
            expect(code == 503 and "stopping" in answer, answer)
            run.process.send_signal(signal.SIGTERM)
            expect(run.process.wait(1) == -signal.SIGTERM, "the second ends it")


@case
def what_a_sink_does_not_take_in_time_is_told(weir):
    with Hook() as hook:
        hook.down = True
        config = {
            "sources": [{"name": "log", "file": {"path": "log.ndjson"}, "time": live_time("0s")}],
            "sinks": {"alerts": {"http": {"url": hook.url}}},
        }
        weir.write("log.ndjson", event("a", 0, user="u", n=1) + "\n")
        with LiveRun(weir, EACH, config) as run:
            run.process.wait(6)
            expect(run.process.returncode == 3, run.logged())
            expect("1 record could not be delivered in time" in run.logged(), run.logged())


@case
def standard_input_to_standard_output(weir):
    count = 20000
    config = {"sources": [{"name": "in", "stdin": None, "time": live_time("0s")}],
              "sinks": {"alerts": {"stdout": None}}}
    with LiveRun(weir, EACH, config, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        read = Sender(run.process.stdout.read)
        run.process.stdin.write("".join(event("a", i, user="u%d" % (i % 7), n=i) + "\n"
                                        for i in range(count)).encode())
        run.process.stdin.close()
        summary = run.ended()
        numbers = [json.loads(line)["fields"]["n"] for line in read.done().splitlines()]
        expect(numbers == list(range(count)), "each once, in order")
        expect(summary["alerts"] == count, summary)


@case
def a_reader_that_goes_away_ends_quietly(weir):
    config = {"sources": [{"name": "in", "stdin": None, "time": live_time("0s")}],
              "sinks": {"alerts": {"stdout": None}}}
    with LiveRun(weir, EACH, config, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        run.process.stdout.close()
        run.process.stdin.write("".join(event("a", i, user="u", n=i) + "\n"
                                        for i in range(100)).encode())
        run.process.stdin.close()
        run.ended()


@case
def files_that_are_read_once_end_the_run(weir):
    weir.write("a.ndjson", "".join(event("a", i, user="u", n=i) + "\n" for i in range(100)))
    config = {"sources": [{"name": "log", "file": {"path": "a.ndjson"}, "time": live_time("0s")}]}
    with LiveRun(weir, EACH, config) as run:
        summary = run.ended()
        expect(summary["alerts"] == 100 == len(run.alerts()), summary)


@case
def metrics_are_clean_and_add_up(weir):
    config = {"sources": [{"name": "log", "file": {"path": "log.ndjson", "follow": True},
                           "time": live_time("0s")}]}
    with LiveRun(weir, EACH, config) as run:
        append(run.folder / "log.ndjson", "".join(event("a", i, user="u", n=i) + "\n"
                                                  for i in range(30)) + "{broken\n")
        until("all alerts", lambda: run.status()["alerts"] == 30)
        until("delivery", lambda: run.status()["sinks"][0]["sent"] == 30)
        code, text = run.get("/metrics")
        expect(code == 200, text)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                 capture_output=True)
        expect(checked.returncode == 0 and not checked.stderr, checked.stderr)
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
        for name, value in {
            'weir_records_total{source="log"}': 31,
            'weir_events_total{source="log"}': 30,
            'weir_rejected_total{source="log",reason="json_invalid"}': 1,
            'weir_alerts_total{rule="each",severity="medium"}': 30,
            'weir_sent_total{sink="alerts/file",stream="alerts"}': 30,
            'weir_source_up{source="log"}': 1,
        }.items():
            expect(name in values and float(values[name]) == value,
                   "%s: %s\n%s" % (name, values.get(name), text))
        # Each metric that there is stands in the documentation.
        documented = (servers.ROOT / "docs" / "operations.md").read_text()
        for name in re.findall(r"^# TYPE (\S+)", text, re.M):
            expect("`%s" % name in documented, name + " is not documented")
        (rule,) = json.loads(run.get("/api/v1/rules")[1])["rules"]
        expect(rule["id"] == "each" and rule["alerts"] == 30, rule)
        expect(run.get("/healthz")[0] == 200, "health")
        expect(run.get("/nothing")[0] == 404, "an unknown path")
        expect(json.loads(run.get("/readyz")[1]) == {"ready": True}, "it is ready")
        run.stop()


def not_ready_while_away(weir, name, source):
    with LiveRun(weir, EACH, {"sources": [source]}) as run:
        until("/readyz to say no", lambda: run.get("/readyz")[0] == 503)
        expect(name in run.get("/readyz")[1], run.get("/readyz")[1])
        expect(run.source(name)["state"] == "away", run.source(name))
        expect(run.get("/healthz")[0] == 200, "it is healthy")
        run.stop()


@case
def it_is_not_ready_while_a_kafka_broker_is_away(weir):
    (port,) = servers.free_ports(1)
    not_ready_while_away(weir, "k", {"name": "k", "kafka": {"brokers": "127.0.0.1:%d" % port,
                                                            "topics": "t"}})


@case
def it_is_not_ready_while_an_mqtt_broker_is_away(weir):
    (port,) = servers.free_ports(1)
    not_ready_while_away(weir, "m", {"name": "m", "mqtt": {"host": "127.0.0.1", "port": port,
                                                           "topics": "t", "client_id": "weir"}})


@case
def alerts_of_a_stream_without_a_sink_are_counted(weir):
    rules = """\
rules:
  - {id: kept, pattern: a AS x}
  - {id: lost, pattern: a AS x, alert: {stream: nowhere}}
"""
    weir.write("a.ndjson", "".join(event("a", i, user="u", n=i) + "\n" for i in range(5)))
    config = {"sources": [{"name": "log", "file": {"path": "a.ndjson"}, "time": live_time("0s")}]}
    with LiveRun(weir, rules, config) as run:
        run.ended()
        expect("W0704" in run.logged(), run.logged())
        expect("5 of streams without a sink" in run.logged(), run.logged())
        expect(len(run.alerts()) == 5, "those of the other")


@case
def kafka_to_kafka(weir):
    """Standard input to a topic, through the rules to another, and from there to a file."""
    with tempfile.TemporaryDirectory() as folder:
        broker = servers.Kafka(pathlib.Path(folder))
        broker.prepare()
        with open(broker.directory / "node.properties", "a") as properties:
            properties.write("auto.create.topics.enable=true\nnum.partitions=2\n")
        broker.start()
        try:
            through_kafka(weir, "127.0.0.1:%d" % broker.port)
        finally:
            broker.kill()


def through_kafka(weir, brokers):
    count = 2000
    read = {"brokers": brokers, "properties": {"topic.metadata.refresh.interval.ms": 500}}
    weir.write("in.ndjson", "".join(event("a", i, user="u%d" % (i % 20), n=i) + "\n"
                                    for i in range(count)))
    first = {"sources": [{"name": "in", "file": {"path": "in.ndjson"}, "time": live_time("0s")}],
             "sinks": {"alerts": {"kafka": {"brokers": brokers, "topic": "events"}}}}
    with LiveRun(weir, EACH, first, name="first") as run:
        expect(run.ended()["alerts"] == count, run.logged())
    # Their order among the partitions is restored by time.
    rules = EACH.replace("a AS x", "alert AS x").replace("x.n", "x.fields.n").replace("user",
                                                                                     "key.user")
    second = {"record": "recording",
              "sources": [{"name": "k", "kafka": {**read, "topics": "events", "group": "second"},
                           "type": "alert",
                           "time": {**live_time("0s", "5s"), "field": "detected_at"}}],
              "sinks": {"alerts": {"kafka": {"brokers": brokers, "topic": "out"}}}}
    third = {"sources": [{"name": "k", "kafka": {**read, "topics": "out", "group": "third"},
                          "type": "alert",
                          "time": {**live_time("1h"), "field": "detected_at"}}]}
    with LiveRun(weir, rules, second, name="second") as run:
        until("all events", lambda: run.status()["alerts"] == count, 60)
        summary = run.stop()
        expect(summary["matched"] == count and summary["late"] == 0, summary)
    # Offsets were committed: nothing comes again.
    del second["record"]
    with LiveRun(weir, rules, second, name="again") as run:
        until("its partitions", lambda: len(run.source("k")["partitions"]) == 2, 60)
        time.sleep(1)
        expect(run.stop()["records"] == 0, run.logged())
    with LiveRun(weir, rules.replace("key: key.user, ", ""), third, name="third") as run:
        until("all alerts", lambda: run.source("k")["records"] == count, 60)
        run.stop()
        numbers = {a["fields"]["n"] for a in run.alerts()}
        expect(numbers == set(range(count)), "%d of %d" % (len(numbers), count))
