"""Servers to test against: started, stopped and killed."""
import ctypes
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 60


def die_with_parent():
    """Of a child before it becomes the server: whatever happens to us, it does not stay behind."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Server:
    """One process, whose port says when it is up."""

    def __init__(self, directory):
        self.directory = directory
        self.process = None
        self.log = directory / "server.log"

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.directory, stdout=log,
                                            stderr=log, preexec_fn=die_with_parent)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.command()[0]} does not start")
            time.sleep(0.05)

    def is_up(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def kill(self):
        self.end(signal.SIGKILL)

    def terminate(self):
        self.end(signal.SIGTERM)

    def end(self, number):
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def save(self):
        """Of a server that holds things in memory: they are on disk soon."""
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(0.5)

    def show_log(self):
        if self.log.exists():
            print("".join(self.log.read_text(errors="replace").splitlines(True)[-30:]))


class Kafka(Server):
    """One node, broker and controller in one (KRaft)."""

    def prepare(self):
        self.port, controller = free_ports(2)
        self.jars = ROOT / "build" / "kafka" / "*"
        (self.directory / "node.properties").write_text(f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={self.directory}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=2
log.cleaner.backoff.ms=200
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=1000
""")
        kafka_id = subprocess.run(self.java("kafka.tools.StorageTool", "random-uuid"), check=True,
                                  capture_output=True, text=True).stdout.strip().split()[-1]
        subprocess.run(self.java("kafka.tools.StorageTool", "format", "-g", "-t", kafka_id, "-c",
                                 "node.properties"),
                       check=True, cwd=self.directory, capture_output=True)

    def java(self, *command):
        return ["java", "-Xmx400m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", str(self.jars), *command]

    def command(self):
        return self.java("kafka.Kafka", "node.properties")

    def environment(self):
        return {"WEIR_KAFKA": f"127.0.0.1:{self.port}"}


class Mosquitto(Server):
    """A listener for everybody, and one with TLS and a login. Sessions are on disk after save()."""

    def prepare(self):
        self.port, self.tls_port = free_ports(2)
        run = lambda *command: subprocess.run(command, check=True, cwd=self.directory,
                                              capture_output=True)
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out",
            "cert.pem")
        run("mosquitto_passwd", "-b", "-c", "passwords", "weir", "let me in")
        (self.directory / "mosquitto.conf").write_text(f"""\
per_listener_settings true
persistence true
persistence_location {self.directory}/
max_queued_messages 100000
sys_interval 1
listener {self.port} 127.0.0.1
allow_anonymous true
listener {self.tls_port} 127.0.0.1
allow_anonymous false
password_file {self.directory}/passwords
certfile {self.directory}/cert.pem
keyfile {self.directory}/key.pem
""")
        # Started by root, it would become another user, who may not read these.
        if subprocess.run(["id", "-u"], capture_output=True, text=True).stdout.strip() == "0":
            with open(self.directory / "mosquitto.conf", "a") as conf:
                conf.write("user root\n")

    def command(self):
        return ["mosquitto", "-c", "mosquitto.conf"]

    def environment(self):
        return {"WEIR_MQTT_PORT": str(self.port), "WEIR_MQTT_TLS_PORT": str(self.tls_port),
                "WEIR_MQTT_CA": str(self.directory / "cert.pem")}


SUITES = {"kafka": Kafka, "mqtt": Mosquitto}
