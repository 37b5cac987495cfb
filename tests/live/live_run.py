"""A `weir run` of a test: started on free ports in the case's folder, asked, ended."""
import http.client
import json
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import servers
from harness import Failure, expect

SUMMARY = re.compile(
    r"([\d,]+) records? received, ([\d,]+) rejected; ([\d,]+) events? matched, ([\d,]+) late, "
    r"([\d,]+) waiting; ([\d,]+) alert"
)


def until(what, condition, seconds=20):
    """What the condition gives as soon as it is true."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure("waited in vain for " + what)
        time.sleep(0.02)


def lines(path):
    """JSON objects of a file that may not be there, or be in the middle of a line."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().split("\n")[:-1]]


def by_rule(alerts):
    rules = {}
    for alert in alerts:
        rules.setdefault(alert["rule"], []).append(alert)
    return rules


def request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def is_sanitized(program):
    """It is slower then, and its memory means nothing."""
    return b"__asan_init" in pathlib.Path(program).read_bytes()


class LiveRun:
    def __init__(self, weir, rules, config, stdin=None, stdout=None, name="run"):
        """`config`: as a dict; rules, HTTP and sinks of files are added where it says nothing."""
        self.folder = weir.folder
        self.sanitized = is_sanitized(weir.program)
        self.log = self.folder / (name + ".log")
        (self.port,) = servers.free_ports(1)
        weir.write(name + "-rules.yaml", rules)
        whole = {
            "rules": name + "-rules.yaml",
            "http": {"listen": "127.0.0.1:%d" % self.port},
            "sinks": {s: {"file": {"path": s + ".ndjson"}} for s in ("alerts", "late", "rejected")},
            **config,
        }
        weir.write(name + ".yaml", json.dumps(whole))
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [weir.program, "run", "--log-format", "json", name + ".yaml"], cwd=self.folder,
                env=weir.env, stdin=stdin or subprocess.DEVNULL, stdout=stdout or log, stderr=log,
                preexec_fn=servers.die_with_parent)
        self.tell("started")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.logged())
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def logged(self):
        return self.log.read_text(errors="replace")

    def tell(self, reason, seconds=20):
        """Waits for a line of the log."""
        def told():
            if self.process.poll() is not None and '"%s"' % reason not in self.logged():
                raise Failure("weir run has ended\n" + self.logged())
            return '"reason":"%s"' % reason in self.logged()

        until("`%s` in the log:\n%s" % (reason, self.logged()), told, seconds)

    def get(self, path):
        return request(self.port, "GET", path)

    def status(self):
        """Held against itself: no record and no event is ever unaccounted for."""
        status = json.loads(self.get("/api/v1/status")[1])
        for source in status["sources"]:
            expect(source["records"] == source["events"] + source["rejected"], source)
        for domain in status["domains"]:
            parts = domain["matched"] + domain["late"] + domain["waiting"]
            expect(domain["events"] == parts, domain)
        return status

    def source(self, name):
        return next(s for s in self.status()["sources"] if s["name"] == name)

    def taken(self):
        """Events that the engine has taken, by source."""
        return {s["name"]: sum(p["events"] for p in s["partitions"])
                for s in self.status()["sources"]}

    def ended(self, code=0, seconds=20):
        """Waits for the end; what the last line of the log says."""
        try:
            got = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure("it does not end\n" + self.logged()) from None
        expect(got == code, "expected exit code %d, got %d\n%s" % (code, got, self.logged()))
        found = SUMMARY.search(json.loads(self.logged().splitlines()[-1])["message"])
        expect(found, "no summary:\n" + self.logged())
        names = ("records", "rejected", "matched", "late", "waiting", "alerts")
        summary = dict(zip(names, (int(n.replace(",", "")) for n in found.groups())))
        expect(summary["waiting"] == 0, summary)
        return summary

    def stop(self, code=0, seconds=5):
        self.process.send_signal(signal.SIGTERM)
        return self.ended(code, 6 * seconds if self.sanitized else seconds)

    def alerts(self, name="alerts.ndjson"):
        return lines(self.folder / name)

    def expect_memory_below(self, bound):
        pages = pathlib.Path("/proc/%d/statm" % self.process.pid).read_text().split()[1]
        resident = int(pages) * 4096
        expect(self.sanitized or resident < bound, "%d bytes" % resident)


class Sender(threading.Thread):
    """Runs a function; what it raises is raised by done()."""

    def __init__(self, function, *args):
        super().__init__(daemon=True)
        self.function, self.args, self.problem, self.result = function, args, None, None
        self.start()

    def run(self):
        try:
            self.result = self.function(*self.args)
        except BaseException as problem:  # noqa: B902
            self.problem = problem

    def done(self, seconds=60):
        self.join(seconds)
        expect(not self.is_alive(), "a sender is not done")
        if self.problem is not None:
            raise self.problem
        return self.result


def append(path, text):
    with open(path, "a") as file:
        file.write(text)


def connect(port):
    return until("a listener", lambda: try_connect(port))


def try_connect(port):
    try:
        return socket.create_connection(("127.0.0.1", port), 5)
    except OSError:
        return None
