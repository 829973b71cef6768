#!/usr/bin/env python3
"""A newcomer's first minutes with the program, as a transcript: from a first file to a broken endpoint that is seen,
explained by `why`, and cured by an edit of the file. Every line behind a `$` is run as it stands.

  newcomer.py OUTRIGGER [--markdown FILE]

Fails if a step does not show what it should, or if it takes more than three minutes.
"""
import argparse
import http.server
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 20  # seconds for what comes by itself
LIMIT = 180


class Hello(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"hello\n"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def service():
    """A service on a free port of loopback; its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Transcript:
    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = environment
        self.begun = time.monotonic()
        self.lines = []

    def seconds(self):
        return time.monotonic() - self.begun

    def say(self, text=""):
        self.lines.append(text)
        print(text, flush=True)

    def remark(self, text):
        self.say(f"\n# {text}  [{self.seconds():.1f} s]")

    def run(self, command, code=0):
        """Runs a line as a shell would, and returns what it printed."""
        self.say(f"$ {command}")
        done = subprocess.run(["/bin/bash", "-c", command], cwd=self.folder, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        if done.stdout.strip():
            self.say(done.stdout.rstrip("\n"))
        if code is not None and done.returncode != code:
            sys.exit(f"`{command}` ended with {done.returncode}, not with {code}")
        return done.stdout

    def must(self, holds, what):
        if not holds:
            sys.exit(f"{what}: not so")

    def wait(self, command, holds, what):
        """Repeats a command in silence until its output is as it should be."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            done = subprocess.run(["/bin/bash", "-c", command], cwd=self.folder, env=self.environment, text=True,
                                  capture_output=True, timeout=60)
            if done.returncode == 0 and holds(done.stdout):
                return
            time.sleep(0.1)
        sys.exit(f"{what}: not within {PATIENCE} s")


def endpoints(text):
    return json.loads(text)["upstreams"][0]["endpoints"]


def story(t, ports):
    good, other, wrong, outbound, admin, telemetry = ports
    calls = (f"for i in $(seq 10); do curl -si -H 'Host: payments' -H \"x-request-id: 0000000$((i - 1))\" "
             f"http://127.0.0.1:{outbound}/ | grep -i -E '^(HTTP|outrigger-)' | tr -d '\\r' | tr '\\n' ' '; echo; done")
    t.remark("Two instances of payments; the port of the second is mistyped")
    t.run(f"outrigger up --to payments=http://127.0.0.1:{good} --to payments=http://127.0.0.1:{wrong} --print-config > outrigger.yaml")
    t.run(f"echo 'listen: {{outbound: \"127.0.0.1:{outbound}\", admin: \"127.0.0.1:{admin}\", "
          f"telemetry: \"127.0.0.1:{telemetry}\"}}' >> outrigger.yaml")
    t.run("outrigger check outrigger.yaml")
    sidecar = subprocess.Popen(["outrigger", "run", "--config", "outrigger.yaml"], cwd=t.folder, env=t.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    t.say("$ outrigger run --config outrigger.yaml &")
    try:
        t.wait(f"curl -sf http://127.0.0.1:{telemetry}/ready", lambda out: "ready" in out, "the sidecar is ready")
        t.remark("All calls succeed, but some needed two tries")
        answers = t.run(calls).strip().split("\n")
        t.must(all("200" in answer for answer in answers), "every call is answered with 200")
        retried = [i for i, answer in enumerate(answers) if "outrigger-attempts: 2" in answer]
        t.must(retried, "a call needed two tries")
        t.remark("What is wrong?")
        t.wait("outrigger endpoint list --json", lambda out: f"127.0.0.1:{wrong}" in out and "ejected" in out,
               "the endpoint is ejected")
        t.must(f"127.0.0.1:{wrong}" in t.run("outrigger status"), "the status names the endpoint")
        t.remark("And what happened to one of these calls?")
        why = t.run(f"outrigger why 0000000{retried[0]}")
        t.must(f"127.0.0.1:{wrong}" in why and re.search("connection", why), "it tells of the failed connection")
        t.remark("So the port is wrong: mend the file, under load if need be")
        t.run(f"sed -i s/{wrong}/{other}/ outrigger.yaml")
        t.wait("outrigger endpoint list --json", lambda out: f"127.0.0.1:{wrong}" not in out, "the new file is in effect")
        t.run("outrigger status")
        answers = t.run(calls).strip().split("\n")
        t.must(all("200" in a and "outrigger-attempts" not in a for a in answers), "every call succeeds at its first try")
    finally:
        sidecar.terminate()
        sidecar.wait(timeout=30)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("outrigger")
    parser.add_argument("--markdown")
    arguments = parser.parse_args()
    program = pathlib.Path(arguments.outrigger).resolve()
    ports = [service(), service()] + [free_port() for _ in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "bin").mkdir()
        (pathlib.Path(folder) / "bin" / "outrigger").symlink_to(program)
        environment = dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}", OUTRIGGER_ADMIN=f"127.0.0.1:{ports[4]}")
        os.environ["PATH"] = environment["PATH"]  # where Popen looks
        t = Transcript(folder, environment)
        story(t, ports)
        took = t.seconds()
        t.remark("Done")
    if took > LIMIT:
        sys.exit(f"it took {took:.0f} s, more than {LIMIT}")
    if arguments.markdown:
        text = "# A newcomer's first minutes\n\nAs `./dev newcomer` has run it; what stands behind a `$` was typed.\n\n"
        pathlib.Path(arguments.markdown).write_text(text + "```sh\n" + "\n".join(t.lines).strip() + "\n```\n")


if __name__ == "__main__":
    main()
