#!/usr/bin/env python3
"""The examples, as far as objects_test.py does not look: the program takes their config, and they fit each other."""
import subprocess
import tempfile
import unittest
from pathlib import Path

import chart

chart.need_python_parts()
PROGRAM = chart.program()

FOLDER = chart.ROOT / "helm/examples"
OBJECTS = {file.name: chart.objects(file.read_text()) for file in sorted(FOLDER.glob("*.yaml"))}
ALL = [thing for things in OBJECTS.values() for thing in things]


class Examples(unittest.TestCase):
    def test_a_namespace_a_deployment_a_statefulset_and_a_job(self):
        self.assertLessEqual({"Namespace", "ConfigMap", "Deployment", "StatefulSet", "Job"}, {thing["kind"] for thing in ALL})

    def test_the_program_takes_the_config(self):
        for config in (thing for thing in ALL if thing["kind"] == "ConfigMap"):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "outrigger.yaml"
                file.write_text(config["data"]["outrigger.yaml"])
                run = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_all_stand_in_the_namespace_that_asks_for_sidecars(self):
        (namespace,) = (thing for thing in ALL if thing["kind"] == "Namespace")
        self.assertEqual(namespace["metadata"]["labels"]["outrigger.dev/inject"], "enabled")
        for thing in ALL:
            if thing is not namespace:
                self.assertEqual(thing["metadata"]["namespace"], namespace["metadata"]["name"], thing["metadata"]["name"])

    def test_services_select_pods_that_have_their_ports(self):
        pods = [(metadata.get("labels", {}), spec) for thing in ALL for _, spec, metadata in chart.pod_specs(thing)]
        for service in (thing for thing in ALL if thing["kind"] == "Service"):
            selector = service["spec"]["selector"].items()
            ports = {value for labels, spec in pods if selector <= labels.items() for container in spec["containers"]
                     for port in container["ports"] for value in (port["name"], port["containerPort"])}
            for port in service["spec"]["ports"]:
                self.assertIn(port.get("targetPort", port["port"]), ports, service["metadata"]["name"])


if __name__ == "__main__":
    unittest.main()
