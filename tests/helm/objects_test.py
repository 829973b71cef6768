#!/usr/bin/env python3
"""Every object of the chart and of its examples: sound by the schemas of Kubernetes (the oldest version that the chart
takes, and the newest known), restricted as pods should be, and one with what the other objects say."""
import json
import pathlib
import re
import shutil
import tempfile
import unittest

import chart

chart.need_helm()
chart.need_python_parts()

import jsonschema  # noqa: E402
import kubernetes_validate  # noqa: E402
import yaml  # noqa: E402

import standard  # noqa: E402

CUSTOM = json.loads((chart.HERE / "custom_kinds.json").read_text())
EXAMPLES = sorted((chart.ROOT / "helm/examples").glob("*.yaml"))
RENDERED = {name: chart.objects(chart.template(*arguments)) for name, arguments in chart.value_sets().items()}


def everything():
    for name, things in RENDERED.items():
        yield from ((name, thing) for thing in things)
    for file in EXAMPLES:
        yield from ((file.name, thing) for thing in chart.objects(file.read_text()))


def of_kind(things, kind):
    return [thing for thing in things if thing["kind"] == kind]


def only(things, kind):
    found = of_kind(things, kind)
    assert len(found) == 1, f"{len(found)} objects of kind {kind}"
    return found[0]


# A pod's namespace, what the label outrigger.dev/inject says there and at the pod, and whether the injector sees the pod.
SEEN = [
    ("shop", None, None, False),
    ("shop", None, "enabled", True),
    ("shop", None, "disabled", False),
    ("shop", "enabled", None, True),
    ("shop", "enabled", "enabled", True),
    ("shop", "enabled", "disabled", False),
    ("shop", "disabled", "enabled", True),
    ("shop", "disabled", None, False),
    *((namespace, "enabled", "enabled", False)
      for namespace in ("kube-system", "kube-public", "kube-node-lease", "cert-manager", "mesh-system", "storage")),
]


def selects(selector, labels):
    """As Kubernetes judges a label selector of expressions."""
    def holds(expression):
        value, values = labels.get(expression["key"]), expression["values"]
        return {"In": value in values, "NotIn": value not in values}[expression["operator"]]
    return all(holds(expression) for expression in selector["matchExpressions"])


def nulls(thing, path=""):
    """Places at which a template has left nothing behind a key."""
    if thing is None:
        yield path
    for key, inner in thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ():
        yield from nulls(inner, f"{path}/{key}")


class Sound(unittest.TestCase):
    def test_helm_lint_has_nothing_to_say(self):
        for name, arguments in chart.value_sets().items():
            run = chart.helm("lint", "--strict", "--kube-version", chart.KUBERNETES, chart.CHART, *arguments)
            self.assertEqual(run.returncode, 0, f"{name}: {run.stdout}{run.stderr}")

    def test_objects_fit_the_schemas_of_kubernetes(self):
        seen = set()
        for name, thing in everything():
            text = json.dumps(thing, sort_keys=True)
            if text in seen or thing["kind"] in CUSTOM:
                continue
            seen.add(text)
            for version in (chart.OLDEST, kubernetes_validate.latest_version()):
                with self.subTest(values=name, kind=thing["kind"], version=version):
                    try:
                        kubernetes_validate.validate(thing, version, strict=True)
                    except kubernetes_validate.ValidationError as error:
                        where = "/".join(map(str, error.path))
                        self.fail(f"{thing['kind']} {thing['metadata']['name']}: {where}: {error.message}")

    def test_no_key_is_left_without_a_value(self):
        for name, thing in everything():
            self.assertEqual(list(nulls(thing)), [], f"{name}: {thing['kind']}")

    def test_objects_of_other_makers_have_the_shape_that_we_know(self):
        for name, thing in everything():
            if thing["kind"] in CUSTOM:
                with self.subTest(values=name, kind=thing["kind"]):
                    jsonschema.validate(thing, CUSTOM[thing["kind"]])

    def test_pods_meet_the_restricted_standard(self):
        count = 0
        for name, thing in everything():
            for what, spec, metadata in chart.pod_specs(thing):
                count += 1
                self.assertEqual(standard.findings(spec, metadata), [], f"{name}: {what}")
        self.assertGreaterEqual(count, 2 * len(RENDERED))

    def test_pods_write_nowhere_and_run_as_15100(self):
        for name, things in RENDERED.items():
            for thing in things:
                for what, spec, _ in chart.pod_specs(thing):
                    self.assertEqual(spec["securityContext"]["runAsUser"], 15100, f"{name}: {what}")
                    for container, parts in standard.containers(spec):
                        self.assertTrue(parts["securityContext"]["readOnlyRootFilesystem"], f"{name}: {what}: {container}")


class OneWithEachOther(unittest.TestCase):
    def test_names_are_unique_and_namespaced(self):
        for name, things in RENDERED.items():
            keys = [(t["kind"], t["metadata"].get("namespace"), t["metadata"]["name"]) for t in things]
            self.assertEqual(len(keys), len(set(keys)), name)
            for kind, namespace, _ in keys:
                cluster = kind.startswith("Cluster") or kind == "MutatingWebhookConfiguration"
                self.assertEqual(namespace is None, cluster, f"{name}: {kind} in {namespace}")

    def test_long_release_names_stay_within_63(self):
        release = "r" * 53
        run = chart.helm("template", release, chart.CHART, "--kube-version", chart.KUBERNETES, "--values",
                         chart.HERE / "values/monitoring.yaml", "--values", chart.HERE / "values/discovery.yaml")
        self.assertEqual(run.returncode, 0, run.stderr)
        for thing in chart.objects(run.stdout):
            self.assertLessEqual(len(thing["metadata"]["name"]), 63, thing["kind"])
            for value in thing["metadata"].get("labels", {}).values():
                self.assertLessEqual(len(value), 63)

    def test_the_webhook_calls_the_service_of_the_deployment(self):
        for name, things in RENDERED.items():
            service, deployment = only(things, "Service"), only(things, "Deployment")
            pod = deployment["spec"]["template"]
            labels = pod["metadata"]["labels"]
            self.assertEqual(labels | service["spec"]["selector"], labels, name)
            self.assertEqual(labels | deployment["spec"]["selector"]["matchLabels"], labels, name)
            ports = {p["name"]: p["containerPort"] for p in pod["spec"]["containers"][0]["ports"]}
            self.assertEqual(ports[service["spec"]["ports"][0]["targetPort"]], 15443, name)
            for webhook in only(things, "MutatingWebhookConfiguration")["webhooks"]:
                client = webhook["clientConfig"]["service"]
                self.assertEqual((client["name"], client["namespace"]),
                                 (service["metadata"]["name"], service["metadata"]["namespace"]), name)
                self.assertEqual(client["port"], service["spec"]["ports"][0]["port"], name)

    def test_the_webhook_sees_pods_being_made_and_nothing_else(self):
        for name, things in RENDERED.items():
            for webhook in only(things, "MutatingWebhookConfiguration")["webhooks"]:
                self.assertEqual(webhook["rules"], [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                                                     "resources": ["pods"], "scope": "Namespaced"}], name)
                self.assertEqual(webhook["reinvocationPolicy"], "IfNeeded")
                expressions = webhook["namespaceSelector"]["matchExpressions"]
                never = next(e["values"] for e in expressions if e["key"] == "kubernetes.io/metadata.name")
                self.assertLessEqual({"kube-system", "kube-public", "kube-node-lease", "cert-manager", "mesh-system"},
                                     set(never))

    def test_which_pods_are_seen_and_by_one_webhook_only(self):
        webhooks = only(RENDERED["provided"], "MutatingWebhookConfiguration")["webhooks"]
        for namespace, asks, pod, seen in SEEN:
            labels = {"kubernetes.io/metadata.name": namespace, **({"outrigger.dev/inject": asks} if asks else {})}
            own = {"outrigger.dev/inject": pod} if pod else {}
            calls = [w["name"] for w in webhooks if selects(w["namespaceSelector"], labels) and selects(w["objectSelector"], own)]
            self.assertEqual(len(calls), 1 if seen else 0, (namespace, asks, pod, calls))

    def test_failing_open_with_one_replica_and_closed_with_more(self):
        for values, policy in (("default", "Ignore"), ("ha", "Fail"), ("issuer", "Ignore"), ("locked-down", "Fail")):
            for webhook in only(RENDERED[values], "MutatingWebhookConfiguration")["webhooks"]:
                self.assertEqual(webhook["failurePolicy"], policy, values)

    def test_the_secret_that_is_mounted_is_the_one_that_is_made(self):
        made = {"default": "Secret", "ha": "Certificate"}
        for name, kind in made.items():
            volumes = {v["name"]: v for v in only(RENDERED[name], "Deployment")["spec"]["template"]["spec"]["volumes"]}
            mounted = volumes["certificate"]["secret"]["secretName"]
            names = [t["metadata"]["name"] if kind == "Secret" else t["spec"]["secretName"]
                     for t in of_kind(RENDERED[name], kind)]
            self.assertIn(mounted, names, name)

    def test_high_availability_means_it(self):
        things = RENDERED["ha"]
        deployment = only(things, "Deployment")["spec"]
        self.assertGreaterEqual(deployment["replicas"], 2)
        spread = {c["topologyKey"]: c["whenUnsatisfiable"] for c in deployment["template"]["spec"]["topologySpreadConstraints"]}
        self.assertEqual(spread["kubernetes.io/hostname"], "DoNotSchedule")
        self.assertEqual(only(things, "PodDisruptionBudget")["spec"]["maxUnavailable"], 1)

    def test_rights_are_no_more_than_are_used(self):
        rules = only(RENDERED["default"], "ClusterRole")["rules"]
        self.assertEqual(rules, [
            {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["outrigger"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
        ])
        for name, things in RENDERED.items():
            self.assertFalse(only(things, "ServiceAccount")["automountServiceAccountToken"], name)
            self.assertFalse(only(things, "Pod")["spec"]["automountServiceAccountToken"], name)

    def test_a_new_config_makes_new_pods(self):
        sums = {only(things, "Deployment")["spec"]["template"]["metadata"]["annotations"]["outrigger.dev/config-checksum"]
                for things in (RENDERED["default"], RENDERED["redirect"], RENDERED["identity"])}
        self.assertEqual(len(sums), 3)


class Dashboards(unittest.TestCase):
    def test_each_file_becomes_a_labelled_config_map(self):
        board = '{"title": "Service {{x}} `y`", "panels": [1]}\n'
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(chart.CHART, pathlib.Path(folder) / "outrigger")
            shutil.rmtree(copy / "dashboards", ignore_errors=True)
            (copy / "dashboards").mkdir()
            (copy / "dashboards/service.json").write_text(board)
            run = chart.helm("template", "mesh", copy, "--kube-version", chart.KUBERNETES, "--values",
                             chart.HERE / "values/monitoring.yaml", "--show-only", "templates/dashboards.yaml")
        self.assertEqual(run.returncode, 0, run.stderr)
        (found,) = chart.objects(run.stdout)
        kubernetes_validate.validate(found, chart.OLDEST, strict=True)
        self.assertEqual(found["data"], {"service.json": board})
        self.assertEqual(found["metadata"]["labels"]["grafana_dashboard"], "yes")
        self.assertEqual(found["metadata"]["annotations"], {"grafana_folder": "Mesh"})


    def test_those_of_the_chart_come_through_whole(self):
        maps = [thing for thing in of_kind(RENDERED["monitoring"], "ConfigMap") if "-dashboard-" in thing["metadata"]["name"]]
        found = {name: text for thing in maps for name, text in thing["data"].items()}
        self.assertEqual(found, {file.name: file.read_text() for file in (chart.CHART / "dashboards").glob("*.json")})
        self.assertEqual(len(found), 3)


class Config(unittest.TestCase):
    def test_values_come_through_as_they_were_written(self):
        text = next(t for t in of_kind(RENDERED["redirect"], "ConfigMap"))["data"]["injector.yaml"]
        config = yaml.safe_load(text)
        written = yaml.safe_load((chart.HERE / "values/redirect.yaml").read_text())
        self.assertEqual(config["config"], written["config"])
        self.assertNotIn("e+", text)

    def test_the_keys_are_those_that_the_injector_knows(self):
        for name, things in RENDERED.items():
            config = yaml.safe_load(of_kind(things, "ConfigMap")[0]["data"]["injector.yaml"])
            self.assertEqual(set(config), {"version", "listen", "certificate", "sidecar", "config", "ignoreNamespaces"}, name)
            self.assertEqual(set(config["sidecar"]), {"image", "imagePullPolicy", "native", "uid", "redirect", "resources",
                                                      "gracePeriod", "httpProxy", "identitySecret"}, name)

    def test_the_chart_has_the_version_of_the_program(self):
        program = re.search(r"project\(outrigger VERSION (\S+)", (chart.ROOT / "CMakeLists.txt").read_text()).group(1)
        described = yaml.safe_load((chart.CHART / "Chart.yaml").read_text())
        self.assertEqual((str(described["version"]), str(described["appVersion"])), (program, program))


if __name__ == "__main__":
    unittest.main()
