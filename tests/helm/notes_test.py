#!/usr/bin/env python3
"""NOTES.txt: what to do next, and a warning for each thing in the values that a user would regret."""
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import chart

chart.need_helm()
chart.need_python_parts()

HA = ["--values", chart.CHART / "values-ha.yaml"]
IDENTITY = json.dumps({key: f"/etc/outrigger-identity/{file}" for key, file in
                       (("cert", "tls.crt"), ("key", "tls.key"), ("trust", "ca.crt"))})
SOUND = ["--set-json", f"config.identity={IDENTITY}", "--set", "sidecar.identitySecret=outrigger-identity"]


class Notes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # `helm template` leaves the notes out, so a copy of the chart has them as an object.
        cls.folder = tempfile.TemporaryDirectory()
        cls.chart = Path(cls.folder.name) / "outrigger"
        shutil.copytree(chart.CHART, cls.chart)
        shutil.move(cls.chart / "templates/NOTES.txt", cls.chart / "NOTES")
        (cls.chart / "templates/notes.yaml").write_text('notes: {{ tpl (.Files.Get "NOTES") . | toJson }}\n')

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def notes(self, *arguments):
        run = chart.helm("template", "mesh", self.chart, "-n", "mesh-system", "--kube-version", chart.KUBERNETES,
                         "--show-only", "templates/notes.yaml", *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        line = next(line for line in run.stdout.splitlines() if line.startswith("notes: "))
        return json.loads(line.removeprefix("notes: "))

    def warnings(self, *arguments):
        return [line.strip(" -") for line in self.notes(*arguments).partition("\nMind:\n")[2].splitlines() if line.strip()]

    def one_warning(self, words, *arguments):
        found = self.warnings(*SOUND, *arguments)
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_the_next_steps(self):
        notes = self.notes()
        for words in ("Outrigger 0.1.0: 1 injector in mesh-system, failure policy Ignore",
                      "kubectl label namespace NAMESPACE outrigger.dev/inject=enabled", "helm test mesh -n mesh-system",
                      "kubectl port-forward -n NAMESPACE POD 15100"):
            self.assertIn(words, notes)
        self.assertIn("3 injectors in mesh-system, failure policy Fail", self.notes(*HA))

    def test_sound_values_get_no_warning(self):
        self.assertEqual(self.warnings(*SOUND), [])
        self.assertEqual(self.warnings(*SOUND, *HA), [])

    def test_fail_with_one_replica(self):
        self.one_warning("Fail with one replica", "--set", "injector.failurePolicy=Fail")

    def test_ignore_with_more(self):
        self.one_warning("Ignore", "--set", "injector.failurePolicy=Ignore,injector.replicas=2")

    def test_a_namespace_of_its_own(self):
        self.one_warning("namespace default", "--namespace", "default")

    def test_budget_of_one(self):
        self.one_warning("disruptionBudget", "--set", "injector.disruptionBudget.enabled=true")

    def test_an_empty_config_is_none(self):
        self.assertEqual(self.warnings("--set-json", "config=null"), self.warnings())

    def test_no_identity(self):
        found = self.warnings()
        self.assertEqual(len(found), 1, found)
        self.assertIn("config.identity is missing", found[0])

    def test_identity_that_is_not_mounted(self):
        found = self.warnings("--set-json", f"config.identity={IDENTITY}")
        self.assertEqual(len(found), 1, found)
        self.assertIn("nothing is mounted", found[0])

    def test_a_secret_that_nobody_reads(self):
        found = self.warnings("--set", "sidecar.identitySecret=certs")
        self.assertEqual(len(found), 1, found)
        self.assertIn("names no file", found[0])

    def test_upstreams_that_are_called_past_their_sidecars(self):
        ledger = '{"dns": "ledger.bank.svc", "port": 8080}'
        self.one_warning("config.upstreams: ledger: no `sidecar`", "--set-json", f"config.upstreams.ledger={ledger}")
        for more in ("sidecar=false", "sidecar.port=15106", "protocol=tcp"):
            self.assertEqual(self.warnings(*SOUND, "--set-json", f"config.upstreams.ledger={ledger}", "--set",
                                           f"config.upstreams.ledger.{more}"), [])

    def test_discovery_without_rights(self):
        upstream = ["--set-json", 'config.upstreams.pay={"kubernetes": {"service": "pay", "port": "http"}, "sidecar": true}']
        self.one_warning("right to read EndpointSlices", *upstream)
        self.one_warning("grants nothing", *upstream, "--set", "sidecar.discovery.enabled=true")
        self.assertEqual(self.warnings(*SOUND, *upstream, "--set", "sidecar.discovery.enabled=true", "--set-json",
                                       'sidecar.discovery.serviceAccounts=[{"namespace": "shop", "name": "cart"}]'), [])

    def test_redirect_needs_a_capability(self):
        self.one_warning("NET_ADMIN", "--set", "sidecar.redirect=true")

    def test_plain_containers_and_jobs(self):
        self.one_warning("Jobs get none", "--set", "sidecar.native=false")


if __name__ == "__main__":
    unittest.main()
