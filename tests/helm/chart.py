"""What the tests of the chart share: where helm is, how the chart is rendered, and how a test says that it cannot run.

Import it first: it starts the test anew under the interpreter that has kubernetes-validate, where there is one.
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/helm"
CHART = ROOT / "helm/outrigger"
DEPS = pathlib.Path(os.environ.get("OUTRIGGER_DEPS", ROOT / "build/deps"))
HELM = DEPS / "helm"
SKIPPED = 77  # ctest shows such a test as skipped


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def need_helm():
    if not HELM.exists():
        skip(f"{HELM} is missing: `./dev test` builds it where Go is installed")


def need_python_parts():
    """yaml, jsonschema and kubernetes_validate, which their own interpreter has."""
    try:
        import kubernetes_validate  # noqa: F401
    except ImportError:
        python = DEPS / "kubernetes-validate/bin/python"
        if not python.exists() or os.environ.get("OUTRIGGER_IN_VENV"):
            skip(f"{python} with kubernetes-validate is missing: `./dev test` fetches it by pip")
        os.environ["OUTRIGGER_IN_VENV"] = "1"
        os.execv(python, [str(python), *sys.argv])


def program(verb=None):
    """The sidecar's binary, which ctest names; and which must know the verb."""
    found = os.environ.get("OUTRIGGER_BINARY")
    if not found or not os.path.exists(found):
        skip("OUTRIGGER_BINARY names no program")
    if verb:
        told = subprocess.run([found, verb, "--help"], capture_output=True, text=True, check=False).stdout
        if f"Usage: outrigger {verb} " not in told:
            skip(f"{found} has no verb `{verb}`")
    return found


KUBERNETES = "1.37.0"  # what helm renders for; the oldest that the chart takes is OLDEST
OLDEST = "1.29.0"


def helm(*arguments):
    """Runs helm. Nothing of the user's own set-up counts, no cluster is asked."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KUBECONFIG": "/nonexistent/kubeconfig"}
    return subprocess.run([str(HELM), *map(str, arguments)], capture_output=True, text=True, env=environment, check=False)


def template(*arguments):
    """All objects of the chart as helm prints them, for the release `mesh` in the namespace `mesh-system`."""
    run = helm("template", "mesh", CHART, "--namespace", "mesh-system", "--kube-version", KUBERNETES, *arguments)
    if run.returncode != 0:
        raise AssertionError(f"helm template {' '.join(map(str, arguments))}: {run.stderr}")
    return run.stdout


def objects(text):
    import yaml
    return [one for one in yaml.safe_load_all(text) if one is not None]


RANDOM = re.compile(r"^( *(?:tls\.crt|tls\.key|ca\.crt|previous-ca\.crt|caBundle): )\S{200,}$", re.M)
BOARD = re.compile(r'^(  (\w+\.json): )".*"$', re.M)
TIME = re.compile(r'^( *outrigger\.dev/renew-after: )"\d+"$', re.M)


def settled(text):
    """Without what is made anew in each rendering, the certificate of the mode `helm` and its time; and without the
    dashboards, which stand in their own files."""
    text = BOARD.sub(r"\1(dashboards/\2)", text)
    return TIME.sub(r'\1"(half of its days)"', RANDOM.sub(r"\1(made at install)", text))


def value_sets():
    """{name: arguments of helm}: the defaults, values-ha.yaml, and each file of values/."""
    sets = {"default": [], "ha": ["--values", CHART / "values-ha.yaml"]}
    for file in sorted((HERE / "values").glob("*.yaml")):
        sets[file.stem] = ["--values", file]
    return sets


def pod_specs(thing):
    """(what it is, pod spec, pod metadata) of an object that is or makes pods."""
    name = f"{thing['kind']} {thing['metadata']['name']}"
    if thing["kind"] == "Pod":
        yield name, thing["spec"], thing["metadata"]
    elif thing["kind"] == "CronJob":
        pod = thing["spec"]["jobTemplate"]["spec"]["template"]
        yield name, pod["spec"], pod.get("metadata", {})
    elif isinstance(thing.get("spec"), dict) and "template" in thing["spec"]:
        yield name, thing["spec"]["template"]["spec"], thing["spec"]["template"].get("metadata", {})
