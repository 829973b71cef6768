#!/usr/bin/env python3
"""Chart and program together: the injector takes each rendered injector.yaml, and what it makes of the examples is sound
and restricted."""
import subprocess
import tempfile
import unittest
from pathlib import Path

import chart

chart.need_helm()
chart.need_python_parts()

import kubernetes_validate  # noqa: E402
import yaml  # noqa: E402

import standard  # noqa: E402

PROGRAM = chart.program("inject")

EXAMPLES = chart.ROOT / "helm/examples"
WORKLOADS = {"deployment.yaml": "Deployment", "statefulset.yaml": "StatefulSet", "job.yaml": "Job"}


def injector_file(arguments):
    (text,) = (thing["data"]["injector.yaml"] for thing in chart.objects(chart.template(*arguments))
               if thing["kind"] == "ConfigMap" and "injector.yaml" in thing["data"])
    return text


def inject(config, *files):
    """The examples' objects with sidecars, in a namespace that asks for them."""
    with tempfile.TemporaryDirectory() as folder:
        settings, manifest = Path(folder) / "injector.yaml", Path(folder) / "objects.yaml"
        settings.write_text(config)
        manifest.write_text("---\n".join((EXAMPLES / file).read_text() for file in ("namespace.yaml", *files)))
        run = subprocess.run([PROGRAM, "inject", "--config", settings, "--file", manifest], capture_output=True, text=True,
                             check=False)
    return run


def container(spec, name):
    return next((c for kind in ("initContainers", "containers") for c in spec.get(kind) or [] if c["name"] == name), None)


class Injection(unittest.TestCase):
    def test_each_rendered_config_is_taken(self):
        for name, arguments in chart.value_sets().items():
            with self.subTest(values=name):
                run = inject(injector_file(arguments), "deployment.yaml", "statefulset.yaml")
                self.assertEqual(run.returncode, 0, run.stderr)

    def test_examples_get_sidecars_that_are_sound_and_restricted(self):
        for name in ("default", "ha", "identity", "discovery"):
            run = inject(injector_file(chart.value_sets()[name]), *WORKLOADS)
            self.assertEqual(run.returncode, 0, run.stderr)
            things = chart.objects(run.stdout)
            pods = [pod for thing in things for pod in chart.pod_specs(thing)]
            self.assertEqual(len(pods), len(WORKLOADS))
            for what, spec, metadata in pods:
                self.assertIsNotNone(container(spec, "outrigger"), f"{name}: {what}")
                self.assertEqual(standard.findings(spec, metadata), [], f"{name}: {what}")
            for thing in things:
                for version in (chart.OLDEST, kubernetes_validate.latest_version()):
                    kubernetes_validate.validate(thing, version, strict=True)

    def test_values_reach_the_sidecar(self):
        text = injector_file(chart.value_sets()["redirect"])
        run = inject(text, "deployment.yaml")
        self.assertEqual(run.returncode, 0, run.stderr)
        (spec, metadata), = ((spec, metadata) for thing in chart.objects(run.stdout)
                             for _, spec, metadata in chart.pod_specs(thing))
        sidecar = container(spec, "outrigger")
        self.assertNotIn("restartPolicy", sidecar)
        self.assertEqual(sidecar["securityContext"]["runAsUser"], 20000)
        self.assertEqual(str(sidecar["resources"]["requests"]["cpu"]), "1")
        self.assertEqual(spec["terminationGracePeriodSeconds"], 60)
        self.assertEqual(container(spec, "outrigger-redirect")["securityContext"]["capabilities"]["add"], ["NET_ADMIN"])
        self.assertIn("HTTP_PROXY", {e["name"] for e in container(spec, "cart")["env"]})
        defaults = yaml.safe_load(metadata["annotations"]["outrigger.dev/defaults"])
        self.assertEqual(defaults["metrics"]["maxSeries"], 1000000)

    def test_the_monitor_scrapes_the_port_of_the_sidecar(self):
        monitor = next(thing for thing in chart.objects(chart.template(*chart.value_sets()["watched"]))
                       if thing["kind"] == "PodMonitor")
        run = inject(injector_file([]), "deployment.yaml")
        spec = next(spec for thing in chart.objects(run.stdout) for _, spec, _ in chart.pod_specs(thing))
        ports = {port["name"] for port in container(spec, "outrigger")["ports"]}
        self.assertIn(monitor["spec"]["podMetricsEndpoints"][0]["port"], ports)


if __name__ == "__main__":
    unittest.main()
