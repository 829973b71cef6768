#!/usr/bin/env python3
"""The injector with what the chart gives it, called as the API server calls it: over TLS, for the name in the webhook, and
believing only the authority that stands there."""
import base64
import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

import chart

chart.need_helm()
chart.need_python_parts()

PROGRAM = chart.program("injector")


def decoded(text):
    return base64.b64decode(text).decode()


class Injector:
    """The program as the Deployment runs it, but for its addresses and the folder of its files."""

    def __init__(self, things, folder):
        kinds = {thing["kind"]: thing for thing in things if "injector.yaml" in thing.get("data", {"injector.yaml": ""})}
        secret = next(thing for thing in things if thing["kind"] == "Secret")
        self.webhook = kinds["MutatingWebhookConfiguration"]["webhooks"][0]
        for name in ("tls.crt", "tls.key"):
            (folder / name).write_text(decoded(secret["data"][name]))
        text = kinds["ConfigMap"]["data"]["injector.yaml"]
        for old, new in (("[::]:15443", "127.0.0.1:0"), ("[::]:15190", "127.0.0.1:0"), ("/certs/", f"{folder}/")):
            assert old in text, old
            text = text.replace(old, new)
        (folder / "injector.yaml").write_text(text)
        arguments = next(c["args"] for c in kinds["Deployment"]["spec"]["template"]["spec"]["containers"])
        assert arguments == ["injector", "--config", "/etc/outrigger-injector/injector.yaml"], arguments
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KUBERNETES_")}
        self.process = subprocess.Popen([PROGRAM, "injector", "--config", folder / "injector.yaml"], env=environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addresses = {}
        while not {"webhook", "telemetry"} <= set(self.addresses):
            line = self.process.stderr.readline()
            if not line.startswith("{"):
                raise AssertionError(f"the injector has ended: {line}{self.process.stderr.read()}")
            event = json.loads(line)
            if event.get("event") == "listening":
                self.addresses[event["listener"]] = event["address"].rsplit(":", 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def review(self, pod, host=None):
        """What the API server would be answered."""
        client = self.webhook["clientConfig"]
        service = client["service"]
        context = ssl.create_default_context(cadata=decoded(client["caBundle"]))
        connection = http.client.HTTPSConnection(self.addresses["webhook"][0], int(self.addresses["webhook"][1]), timeout=10)
        connection.sock = context.wrap_socket(
            socket.create_connection(self.addresses["webhook"], timeout=10),
            server_hostname=host or f"{service['name']}.{service['namespace']}.svc")
        request = {"uid": "u-1", "operation": "CREATE", "namespace": "shop", "object": pod,
                   "kind": {"group": "", "version": "v1", "kind": "Pod"},
                   "resource": {"group": "", "version": "v1", "resource": "pods"}}
        body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
        with contextlib.closing(connection):
            connection.request("POST", service["path"], json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def get(self, path):
        connection = http.client.HTTPConnection(*self.addresses["telemetry"], timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "cart-", "labels": {"outrigger.dev/inject": "enabled"}},
       "spec": {"containers": [{"name": "cart", "image": "shop/cart:1", "ports": [{"containerPort": 8080}]}]}}


class Webhook(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.injector = Injector(chart.objects(chart.template()), Path(folder.name))
        self.addCleanup(self.injector.__exit__)

    def test_a_pod_gets_its_sidecar(self):
        status, answer = self.injector.review(POD)
        self.assertEqual(status, 200)
        self.assertTrue(answer["response"]["allowed"])
        patch = decoded(answer["response"]["patch"])
        self.assertIn('"outrigger:0.1.0"', patch)

    def test_no_other_name_is_believed(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.injector.review(POD, "other.mesh-system.svc")

    def test_curl_hears_it_as_in_the_pod_of_helm_test(self):
        address = ":".join(self.injector.addresses["webhook"])
        status = subprocess.run(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", f"https://{address}/inject"],
                                capture_output=True, text=True, check=False).stdout
        self.assertIn(status, ("404", "405"))

    def test_the_probes_of_the_deployment_pass(self):
        deployment = next(thing for thing in chart.objects(chart.template()) if thing["kind"] == "Deployment")
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            self.assertEqual(self.injector.get(container[probe]["httpGet"]["path"]), 200, probe)
        self.assertEqual(self.injector.get("/metrics"), 200)


if __name__ == "__main__":
    unittest.main()
