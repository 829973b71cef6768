#!/usr/bin/env python3
"""values.schema.json: closed, as large as values.yaml, and readable when it refuses."""
import json
import tempfile
import unittest

import chart

chart.need_helm()
chart.need_python_parts()

import yaml  # noqa: E402

SCHEMA = json.loads((chart.CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((chart.CHART / "values.yaml").read_text())

# What Kubernetes or the injector judges: free maps.
FREE = {"config", "global", "injector.resources", "injector.nodeSelector", "injector.tolerations[]", "injector.affinity"}

# One value in values.yaml, whose inside the schema knows.
WHOLE = {"sidecar.resources", "injector.certificate.certManager.issuerRef"}

# Values, and what helm must say of them.
REFUSED = [
    ("injector: {replica: 2}", ["/injector", "'replica' not allowed"]),
    ("inject: {}", ["'inject' not allowed"]),
    ("sidecar: {resources: {request: {cpu: 1}}}", ["/sidecar/resources", "'request' not allowed"]),
    ("injector: {replicas: two}", ["/injector/replicas", "got string, want integer"]),
    ("injector: {replicas: -1}", ["/injector/replicas", "minimum"]),
    ("injector: {failurePolicy: ignore}", ["/injector/failurePolicy", "'auto', 'Ignore', 'Fail'"]),
    ("injector: {timeoutSeconds: 31}", ["/injector/timeoutSeconds", "maximum"]),
    ("injector: {certificate: {mode: vault}}", ["/injector/certificate/mode", "'helm', 'cert-manager', 'provided'"]),
    ("injector: {certificate: {mode: provided}}", ["/injector/certificate/provided/secretName", "minLength"]),
    ("injector: {certificate: {mode: provided, provided: {secretName: s}}}", ["/provided/caBundle", "minLength"]),
    ("injector: {ignoreNamespaces: [Kube_System]}", ["/injector/ignoreNamespaces/0", "does not match"]),
    ("injector: {networkPolicy: {apiServerCidrs: [10.0.0.1]}}", ["/apiServerCidrs/0", "does not match"]),
    ("injector: {podLabels: {a: 1}}", ["/injector/podLabels/a", "got number, want string"]),
    ("sidecar: {native: 'yes'}", ["/sidecar/native", "got string, want boolean"]),
    ("sidecar: {uid: 0}", ["/sidecar/uid", "minimum"]),
    ("sidecar: {image: outrigger:1}", ["/sidecar/image", "got string, want object"]),
    ("sidecar: {image: {repository: 'outrigger:1'}}", ["/sidecar/image/repository", "does not match"]),
    ("sidecar: {image: {digest: 'sha256:12'}}", ["/sidecar/image/digest", "does not match"]),
    ("sidecar: {resources: {limits: {memory: 64MB}}}", ["/sidecar/resources/limits/memory", "does not match"]),
    ("sidecar: {discovery: {serviceAccounts: [cart]}}", ["/serviceAccounts/0", "got string, want object"]),
    ("sidecar: {discovery: {serviceAccounts: [{name: cart}]}}", ["/serviceAccounts/0", "missing property 'namespace'"]),
    ("config: []", ["/config", "got array, want object"]),
    ("monitoring: {podMonitor: {interval: 15}}", ["/monitoring/podMonitor/interval", "got number, want string"]),
]

TAKEN = [
    "config:",
    "config: {upstreams: , identity: }",
    "config: {anything: {at: [all]}}",
    "injector: {resources: {claims: [{name: x}]}, tolerations: [{operator: Exists}]}",
    "sidecar: {image: {repository: 'mirror.example:5000/a/b'}, resources: {limits: {cpu: 0.5, memory: 1Gi}}}",
]


def resolved(part):
    return SCHEMA["definitions"][part["$ref"].split("/")[-1]] if "$ref" in part else part


def parts(part, path=""):
    """(path, part) of the schema and of all that it is made of."""
    part = resolved(part)
    yield path, part
    for key, inner in part.get("properties", {}).items():
        yield from parts(inner, f"{path}.{key}".strip("."))
    if "items" in part:
        yield from parts(part["items"], path + "[]")
    if isinstance(part.get("additionalProperties"), dict):
        yield from parts(part["additionalProperties"], path + ".*")


def keys(value, path=""):
    """Paths of all keys of values.yaml, down to those that are one value to the user."""
    if isinstance(value, dict) and path not in FREE | WHOLE:
        for key, inner in value.items():
            below = f"{path}.{key}".strip(".")
            yield below
            yield from keys(inner, below)


class Schema(unittest.TestCase):
    def test_every_map_is_closed_or_of_one_type(self):
        for path, part in parts(SCHEMA):
            if part.get("type") == "object" and path not in FREE:
                self.assertIn("additionalProperties", part, path)
                self.assertIsNot(part["additionalProperties"], True, path)

    def test_every_part_says_its_type(self):
        for path, part in parts(SCHEMA):
            self.assertTrue("type" in part, path)

    def test_values_and_schema_have_the_same_keys(self):
        known = {path for path, _ in parts(SCHEMA) if not path.endswith(("[]", ".*")) and "[]." not in path}
        inside = {path for path in known for whole in WHOLE if path.startswith(whole + ".")}
        self.assertEqual(known - inside - {"", "global"}, set(keys(VALUES)))

    def test_the_four_blocks(self):
        self.assertEqual(list(VALUES), ["injector", "sidecar", "config", "monitoring"])


class Refusals(unittest.TestCase):
    def render(self, values):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(values)
            file.flush()
            return chart.helm("template", "mesh", chart.CHART, "--kube-version", chart.KUBERNETES, "--values", file.name)

    def test_bad_values_are_refused_in_words(self):
        for values, words in REFUSED:
            with self.subTest(values=values):
                run = self.render(values)
                self.assertNotEqual(run.returncode, 0)
                for word in words:
                    self.assertIn(word, run.stderr)

    def test_good_values_are_taken(self):
        for values in TAKEN:
            with self.subTest(values=values):
                run = self.render(values)
                self.assertEqual(run.returncode, 0, run.stderr)

    def test_old_clusters_are_refused(self):
        run = chart.helm("template", "mesh", chart.CHART, "--kube-version", "1.28.0")
        self.assertIn("1.29", run.stderr)


if __name__ == "__main__":
    unittest.main()
