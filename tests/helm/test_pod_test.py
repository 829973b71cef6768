#!/usr/bin/env python3
"""What the pod of `helm test` does, with the real program, sh and curl: it passes where a retry saves requests, and fails
where none does."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import chart

PROGRAM = chart.program()
if not shutil.which("curl"):
    chart.skip("curl is missing: apt-get install curl")
FILES = chart.CHART / "test"


class Sidecar:
    """The program with one of the chart's files, at ports that are free."""

    def __init__(self, file, environment):
        self.process = subprocess.Popen([PROGRAM, "run", "--config", str(file)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.addresses = {}
        while not {"outbound", "telemetry"} <= set(self.addresses):
            line = self.process.stderr.readline()
            if not line:
                raise AssertionError(f"{file}: the program has ended")
            event = json.loads(line)
            if event.get("event") == "listening":
                self.addresses[event["listener"]] = event["address"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def run_test(sidecar_file=FILES / "sidecar.yaml", **more):
    with Sidecar(FILES / "toy.yaml", {"TOY": "127.0.0.1:0", "TOY_TELEMETRY": "127.0.0.1:0"}) as toy, \
            Sidecar(sidecar_file, {"SIDECAR": "127.0.0.1:0", "SIDECAR_TELEMETRY": "127.0.0.1:0",
                                   "TOY": toy.addresses["outbound"]}) as sidecar:
        environment = {"SIDECAR": sidecar.addresses["outbound"], "SIDECAR_TELEMETRY": sidecar.addresses["telemetry"],
                       "TOY_ADDRESS": toy.addresses["telemetry"], **more}
        return subprocess.run(["sh", FILES / "test.sh"], capture_output=True, text=True, check=False,
                              env={**os.environ, "INJECTOR": "", **environment})


class TestPod(unittest.TestCase):
    def test_it_passes_where_retries_save_requests(self):
        run = run_test()
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("outrigger_retries_total says", run.stdout)

    def changed(self, old, new):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        file = Path(folder.name) / "sidecar.yaml"
        text = (FILES / "sidecar.yaml").read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new))
        return file

    def test_it_fails_without_retries(self):
        run = run_test(self.changed("breaker: none,", "retry: {limit: 0}, breaker: none,"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("got 503, not 200", run.stderr)

    def test_it_fails_where_no_retry_was_needed(self):
        run = run_test(self.changed(', "127.0.0.1:1"]', "]"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("tells of no retry", run.stderr)

    def test_it_fails_where_no_injector_answers(self):
        run = run_test(INJECTOR="https://127.0.0.1:1/inject")
        self.assertEqual(run.returncode, 1)
        self.assertIn("nobody answers at https://127.0.0.1:1/inject", run.stderr)


if __name__ == "__main__":
    unittest.main()
