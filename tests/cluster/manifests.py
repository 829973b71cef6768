"""The objects of the run: a shop of three, callers, a job, and a pod that cannot have a sidecar."""

SHOP, ODD, MESH = "shop", "odd", "mesh"
RATE = 200  # Requests a second, of all callers together.
CALLERS = 2

# What "restricted" namespaces ask for.
POD_SECURITY = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
SECURITY = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
NOBODY_CALLS = {"outrigger.dev/app-port": "none"}

# Laid over the chart's config by the ConfigMap of the namespace.
CONFIG = """version: 1
upstreams:
  shop:
    kubernetes: {service: shop, port: http}
    sidecar: {port: 15106}
"""


def namespace(name, **labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {
        "outrigger.dev/inject": "enabled", **{key.replace("_", "-").replace("--", "/"): value for key, value in labels.items()}}}}


def restricted(name):
    """No pod with any right may start there."""
    made = namespace(name)
    made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
    return made


def config_map(text):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "outrigger", "namespace": SHOP}, "data": {"outrigger.yaml": text}}


def container(name, image, **more):
    own = {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
    return {"name": name, "image": image, "securityContext": SECURITY, **more, "env": [own, *more.get("env", [])]}


def env(**values):
    return [{"name": name, "value": str(value)} for name, value in values.items()]


def deployment(name, replicas, containers, annotations=None, **spec):
    labels = {"app": name}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": SHOP}, "spec": {
        "replicas": replicas, "selector": {"matchLabels": labels},
        "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
        "template": {"metadata": {"labels": labels, "annotations": annotations or {}},
                     "spec": {"securityContext": POD_SECURITY, "containers": containers, **spec}}}}


def shop(version="1"):
    """The app ends as soon as it gets TERM: that nobody notices is the sidecars' work."""
    http = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 1}
    app = container("app", "toy-app:1", env=env(VERSION=version), ports=[{"name": "http", "containerPort": 8080}], readinessProbe=http)
    return deployment("shop", 3, [app])


def shop_service():
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": SHOP}, "spec": {
        "selector": {"app": "shop"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}


def shop_budget():
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "shop", "namespace": SHOP}, "spec": {
        "maxUnavailable": 1, "selector": {"matchLabels": {"app": "shop"}}}}


def callers(replicas=CALLERS):
    """Without the account's token in the app: the sidecar is given one of its own."""
    load = container("load", "toy-load:1", env=env(HOST="shop", RATE=RATE / CALLERS))
    return deployment("caller", replicas, [load], NOBODY_CALLS, automountServiceAccountToken=False)


def job(name="report", annotations=None, **more):
    work = container("work", "toy-load:1", env=env(HOST="shop", RATE=50, COUNT=50, **more))
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": SHOP}, "spec": {
        "backoffLimit": 0, "template": {
            "metadata": {"labels": {"app": name}, "annotations": {**NOBODY_CALLS, **(annotations or {})}},
            "spec": {"restartPolicy": "Never", "securityContext": POD_SECURITY, "containers": [work]}}}}


def redirected_job(address):
    """It dials one pod, knows of no sidecar, and has its calls redirected."""
    return job("redirected", {"outrigger.dev/redirect": "true"}, TARGET=address)


def host_network_pod():
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "on-the-host", "namespace": ODD}, "spec": {
        "hostNetwork": True, "containers": [container("app", "toy-app:1", env=env(PORT=18080),
                                                      ports=[{"containerPort": 18080, "hostPort": 18080}])]}}
