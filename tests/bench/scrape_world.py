"""What `./dev bench scrape` looks at: sidecars with upstreams that are well, flaky, slow, narrow, dead and merely observed,
and steady calls to all of them. Everything runs on free ports of loopback."""
import http.client
import http.server
import os
import pathlib
import random
import socket
import socketserver
import ssl
import subprocess
import threading
import time

import certificates
import rig

GRPC = {"content-type": "application/grpc", "te": "trailers"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        service = self.server
        if random.random() < service.slow:
            time.sleep(service.delay)  # what a slow service is
        status = 503 if random.random() < service.failing else 200
        body = b"x" * 64
        try:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            if self.headers.get("content-type") == GRPC["content-type"]:
                self.send_header("content-type", GRPC["content-type"])
                self.send_header("grpc-status", "0")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # a hedge that lost

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Service(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, failing=0.0, slow=0.0, delay=0.0):
        super().__init__(("127.0.0.1", 0), Answers)
        self.failing, self.slow, self.delay = failing, slow, delay
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f'"127.0.0.1:{self.server_port}"'

    def handle_error(self, *_):
        pass


class Echo(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            while data := self.request.recv(4096):
                self.request.sendall(data)

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Sidecar:
    """One process; `pod` is its name to Prometheus."""

    def __init__(self, folder, pod, config):
        self.pod, self.telemetry = pod, free_port()
        self.file = pathlib.Path(folder) / pod / "outrigger.yaml"
        self.file.parent.mkdir()
        self.config = config.replace("TELEMETRY", str(self.telemetry))
        self.write(self.config)
        self.log = open(self.file.parent / "log", "wb")
        self.process = subprocess.Popen([rig.outrigger_binary(), "run", "--workers", "1", "--config", self.file],
                                        stdout=self.log, stderr=self.log)
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.page("/ready")
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"the sidecar did not start:\n{(self.file.parent / 'log').read_text()}")

    def write(self, text):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text)
        os.replace(fresh, self.file)

    def page(self, path, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.telemetry, timeout=10)
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
        body = connection.getresponse().read()
        connection.close()
        return body

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class World:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        authority = certificates.Authority(folder)
        authority.leaf("cart", "spiffe://shop.example/ns/shop/sa/cart", days=3)
        self.ports = {name: free_port() for name in ("inbound", "outbound", "tcp", "nobody")}
        self.app = Service()
        self.well = [Service(), Service()]
        self.half = Service(failing=0.5)
        self.storm = [Service(failing=0.35), Service(failing=0.35)]
        self.ledger = Service()
        self.slow = [Service(slow=0.05, delay=0.4), Service(slow=0.05, delay=0.4)]
        self.narrow = Service(slow=1, delay=0.15)
        self.observed = Service(failing=1)
        self.echo = Echo()
        self.collector = Service()  # of spans; takes whatever comes
        self.sidecars = [Sidecar(folder, "cart-1", self.config()), Sidecar(folder, "cart-2", self.crowded())]
        self.ending = threading.Event()
        self.threads = []

    def config(self):
        def of(*services):
            return "[" + ", ".join(service.address for service in services) + "]"
        p = self.ports
        return f"""version: 1
identity: {{cert: {self.folder}/cart.crt, key: {self.folder}/cart.key, trust: {self.folder}/ca.crt}}
app: {{address: {self.app.address}, tls: {{mode: permissive}}}}
listen: {{inbound: "127.0.0.1:{p['inbound']}", outbound: "127.0.0.1:{p['outbound']}", admin: none, telemetry: "127.0.0.1:TELEMETRY"}}
log: {{access: none}}
tracing: {{collector: "http://127.0.0.1:{self.collector.server_port}", service: cart}}
policies:
  unguarded: {{breaker: none, eject: none}}
  hedged: {{hedge: {{percent: 10}}, eject: none}}
  narrow: {{limits: {{requests: 2, pending: 0}}, eject: none, breaker: none}}
  watching: {{mode: observe}}
upstreams:
  orders: {{endpoints: {of(*self.well, self.half)}}}
  storm: {{endpoints: {of(*self.storm)}, policy: unguarded}}
  ledger: {{endpoints: {of(self.ledger)}}}
  search: {{endpoints: {of(*self.slow)}, policy: hedged}}
  stock: {{endpoints: {of(self.narrow)}, policy: narrow}}
  trial: {{endpoints: {of(self.observed)}, policy: watching}}
  gone: {{endpoints: ["127.0.0.1:{p['nobody']}"], health: {{interval: 1s, timeout: 500ms, unhealthy: 1}}, policy: unguarded}}
  named: {{dns: localhost, port: {self.well[0].server_port}}}
  cache: {{endpoints: ["127.0.0.1:{self.echo.server_address[1]}"], protocol: tcp, listen: "127.0.0.1:{p['tcp']}"}}
routes:
  - {{name: create-order, match: {{host: orders, prefix: /v1}}, to: orders}}
"""

    @staticmethod
    def crowded():
        """More upstreams than series."""
        lines = [f'  service-{i}: {{endpoints: ["127.0.0.1:9"]}}' for i in range(20)]
        return ('version: 1\nlisten: {outbound: "127.0.0.1:0", admin: none, telemetry: "127.0.0.1:TELEMETRY"}\n'
                "metrics: {maxSeries: 100}\nupstreams:\n" + "\n".join(lines) + "\n")

    # ---- Calls

    def load(self):
        """About 200 calls a second, a quarter of them with a sampled trace."""
        every = [("orders", 40, "GET", "/v1/x", {}), ("orders", 10, "POST", "/v1/x", {}), ("orders", 5, "POST", "/shop.Orders/Get", GRPC),
                 ("storm", 40, "GET", "/", {}), ("storm", 40, "GET", "/", {}), ("storm", 5, "POST", "/", {}), ("ledger", 20, "GET", "/", {}),
                 ("search", 15, "GET", "/", {}), ("search", 15, "GET", "/", {}), ("trial", 10, "GET", "/", {}),
                 ("gone", 5, "GET", "/", {}), ("gone", 2, "POST", "/shop.Gone/Get", GRPC), ("named", 3, "GET", "/", {}),
                 ("nobody-knows", 1, "GET", "/", {})]
        every += [("stock", 6, "GET", "/", {})] * 4
        for host, rate, method, path, fields in every:
            self.start(self.call, host, rate, method, path, fields, lambda: http.client.HTTPConnection("127.0.0.1", self.ports["outbound"], timeout=20))
        context = ssl.create_default_context(cafile=self.folder / "ca.crt")
        context.load_cert_chain(self.folder / "cart.crt", self.folder / "cart.key")
        context.check_hostname = False
        self.start(self.call, "app", 10, "GET", "/", {}, lambda: http.client.HTTPConnection("127.0.0.1", self.ports["inbound"], timeout=20))
        self.start(self.call, "app", 2, "GET", "/", {"connection": "close"},
                   lambda: http.client.HTTPSConnection("127.0.0.1", self.ports["inbound"], timeout=20, context=context))
        self.start(self.chatter)

    def start(self, what, *arguments):
        self.threads.append(threading.Thread(target=what, args=arguments, daemon=True))
        self.threads[-1].start()

    def call(self, host, rate, method, path, fields, connect):
        connection, due = connect(), time.monotonic()
        while not self.ending.wait(max(0.0, due - time.monotonic())):
            due = max(due + 1 / rate, time.monotonic() - 1)
            headers = {"host": host, **fields}
            if random.random() < 0.25:
                headers["traceparent"] = f"00-{random.getrandbits(128):032x}-{random.getrandbits(64):016x}-01"
            try:
                connection.request(method, path, body=b"x" if method == "POST" else None, headers=headers)
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = connect()

    def chatter(self):
        """TCP connections that say something, linger a little and leave."""
        while not self.ending.wait(0.5):
            with socket.create_connection(("127.0.0.1", self.ports["tcp"]), 5) as connection:
                connection.sendall(b"x" * 1000)
                connection.recv(4096)
                self.ending.wait(1)

    # ---- What happens in a run, by the part of it that has passed

    def steps(self):
        sidecar = self.sidecars[0]
        return [(0.15, "the ledger fails", lambda: setattr(self.ledger, "failing", 1)),
                (0.20, "a new config", lambda: sidecar.write(sidecar.config + "shutdown: {grace: 20s}\n")),
                (0.40, "a config with an error", lambda: sidecar.write(sidecar.config + "shutdown: {grace: soon}\n")),
                (0.75, "the error is mended", lambda: sidecar.write(sidecar.config + "shutdown: {grace: 21s}\n")),
                (0.80, "the ledger is well again", lambda: setattr(self.ledger, "failing", 0))]

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(25)
        for sidecar in self.sidecars:
            sidecar.end()
