"""A toy API server: objects, watches, bindings, tokens, graceful deletion and EndpointSlices; no admission, no rights, no controllers.

For rehearse.py, and to try the kubelet where no control plane was built. All objects are in memory under one lock.
"""
import collections
import copy
import json
import queue
import re
import ssl
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATH = re.compile(r"/(?:api/v1|apis/[^/]+/[^/]+)(?:/namespaces/([^/]+)(?=/))?/([^/]+)(?:/([^/]+))?(?:/([^/]+))?")


def stamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Store:
    def __init__(self):
        self.lock, self.objects, self.watchers, self.version = threading.RLock(), {}, [], 0

    def put(self, kind, item):
        meta = item["metadata"]
        key = kind, meta.get("namespace", ""), meta["name"]
        event = "MODIFIED" if key in self.objects else "ADDED"
        self.objects[key] = item
        self.tell(event, kind, item)

    def drop(self, key):
        self.tell("DELETED", key[0], self.objects.pop(key))

    def tell(self, event, kind, item):
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        for watched, namespace, labels, events in self.watchers:
            if watched == kind and fits(item, namespace, labels):
                events.put({"type": event, "object": copy.deepcopy(item)})
        if kind in ("pods", "services"):
            self.slice()

    def find(self, kind, namespace="", labels=None):
        return [copy.deepcopy(item) for (k, *_), item in self.objects.items() if k == kind and fits(item, namespace, labels)]

    def slice(self):
        """One slice for each service, as the controller makes them."""
        for service in self.find("services"):
            namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
            pods = self.find("pods", namespace, service["spec"]["selector"])
            endpoints = [endpoint(pod) for pod in pods if pod.get("status", {}).get("podIP")
                         and pod["status"].get("phase") not in ("Succeeded", "Failed")]
            old = self.objects.get(("endpointslices", namespace, f"{name}-1"))
            if old is None or old["endpoints"] != endpoints:
                self.put("endpointslices", {
                    "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "endpoints": endpoints,
                    "metadata": {"name": f"{name}-1", "namespace": namespace, "uid": f"slice-{name}",
                                 "labels": {"kubernetes.io/service-name": name}},
                    "ports": [{"name": port.get("name", ""), "port": number(port, pods), "protocol": "TCP"}
                              for port in service["spec"]["ports"]]})


def number(port, pods):
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for own in container.get("ports", []):
                if own.get("name") == port.get("targetPort"):
                    return own["containerPort"]
    return port.get("targetPort", port["port"]) if isinstance(port.get("targetPort", 0), int) else port["port"]


def endpoint(pod):
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
    ending = "deletionTimestamp" in pod["metadata"]
    return {"addresses": [pod["status"]["podIP"]], "conditions": {"ready": ready and not ending, "serving": ready, "terminating": ending},
            "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"]}}


def fits(item, namespace, labels):
    own = item["metadata"].get("labels", {})
    return (not namespace or item["metadata"].get("namespace") == namespace) and all(own.get(k) == v for k, v in (labels or {}).items())


def merge(into, patch):
    """RFC 7386."""
    for key, value in patch.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


Asked = collections.namedtuple("Asked", "namespace kind name part query body key")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = Store()

    def log_message(self, *_):
        pass

    def asked(self):
        path, _, query = self.path.partition("?")
        namespace, kind, name, part = PATH.fullmatch(path).groups()
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        return Asked(namespace or "", kind, name, part, dict(urllib.parse.parse_qsl(query)), body, (kind, namespace or "", name))

    def answer(self, code, item):
        text = json.dumps(item).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def missing(self, asked):
        self.answer(404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"{asked.kind} {asked.name}"})

    def do_GET(self):
        asked = self.asked()
        labels = dict(pair.split("=", 1) for pair in asked.query.get("labelSelector", "").split(",") if pair)
        if asked.query.get("watch") in ("1", "true"):
            return self.watch(asked, labels)
        with self.store.lock:
            if not asked.name:
                return self.answer(200, {"kind": "List", "metadata": {"resourceVersion": str(self.store.version)},
                                         "items": self.store.find(asked.kind, asked.namespace, labels)})
            item = self.store.objects.get(asked.key)
            return self.answer(200, item) if item else self.missing(asked)

    def watch(self, asked, labels):
        events, since = queue.Queue(), int(asked.query.get("resourceVersion", "0"))
        with self.store.lock:
            for item in self.store.find(asked.kind, asked.namespace, labels):
                if int(item["metadata"]["resourceVersion"]) > since:
                    events.put({"type": "MODIFIED", "object": item})
            self.store.watchers.append((asked.kind, asked.namespace, labels, events))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                line = json.dumps(events.get()).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        except OSError:
            self.close_connection = True

    def do_POST(self):
        asked = self.asked()
        with self.store.lock:
            if asked.part == "token":
                return self.answer(201, {"status": {"token": "a-toy-token"}})
            if asked.part == "binding":
                pod = self.store.objects[("pods", asked.namespace, asked.name)]
                pod["spec"]["nodeName"] = asked.body["target"]["name"]
                self.store.put("pods", pod)
                return self.answer(201, {})
            asked.body["metadata"].update(uid=str(uuid.uuid4()), creationTimestamp=stamp())
            if "name" not in asked.body["metadata"]:
                asked.body["metadata"]["name"] = asked.body["metadata"]["generateName"] + str(self.store.version)
            if asked.namespace:
                asked.body["metadata"]["namespace"] = asked.namespace
            self.store.put(asked.kind, asked.body)
            return self.answer(201, asked.body)

    def do_PATCH(self):
        asked = self.asked()
        with self.store.lock:
            item = self.store.objects.get(asked.key)
            if item is None:
                return self.missing(asked)
            merge(item, asked.body)
            self.store.put(asked.kind, item)
            return self.answer(200, item)

    def do_DELETE(self):
        asked = self.asked()
        with self.store.lock:
            item = self.store.objects.get(asked.key)
            if item is None:
                return self.missing(asked)
            usual = item["spec"].get("terminationGracePeriodSeconds", 30) if asked.kind == "pods" else 0
            grace = asked.body.get("gracePeriodSeconds", usual)
            if grace:
                item["metadata"].update(deletionTimestamp=stamp(), deletionGracePeriodSeconds=grace)
                self.store.put(asked.kind, item)
            else:
                self.store.drop(asked.key)
            return self.answer(200, item)


class Server(ThreadingHTTPServer):
    daemon_threads, request_queue_size = True, 128

    def handle_error(self, *_):
        pass


def serve(host, port, pki):
    """Returns at once; threads of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{pki}/apiserver.crt", f"{pki}/apiserver.key")
    server = Server((host, port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
