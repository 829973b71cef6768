"""A client of the Kubernetes API: JSON over HTTPS with the admin's certificate, and watches that outlive what breaks them.

Calls block and may be made from any thread; each thread keeps a connection of its own.
"""
import http.client
import json
import ssl
import threading
import time

MERGE = "application/merge-patch+json"


class ApiError(Exception):
    """What the API server refused: code, reason (NotFound, AlreadyExists, ...), message."""

    def __init__(self, status, body):
        try:
            said = json.loads(body)
        except ValueError:
            said = {"message": body.decode(errors="replace")}
        self.code, self.reason = status, said.get("reason", "")
        super().__init__(f"{status} {self.reason}: {said.get('message', '')}")


class Api:
    def __init__(self, host, port, pki):
        self.host, self.port = host, port
        self.context = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        self.context.load_cert_chain(f"{pki}/admin.crt", f"{pki}/admin.key")
        self.local = threading.local()

    def connect(self, timeout):
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=self.context)

    def call(self, method, path, body=None, content_type="application/json"):
        """The answer's object. A connection that was closed meanwhile is opened anew, once."""
        text = None if body is None else json.dumps(body)
        for again in (True, False):
            fresh = getattr(self.local, "connection", None) is None
            if fresh:
                self.local.connection = self.connect(30)
            try:
                self.local.connection.request(method, path, text, {"Content-Type": content_type} if text else {})
                response = self.local.connection.getresponse()
                data = response.read()
                break
            except (OSError, http.client.HTTPException):
                self.local.connection.close()
                self.local.connection = None
                if fresh or not again:
                    raise
        if response.status >= 300:
            raise ApiError(response.status, data)
        return json.loads(data) if data.startswith(b"{") else data.decode()

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def patch(self, path, body):
        return self.call("PATCH", path, body, MERGE)

    def delete(self, path, body=None):
        return self.call("DELETE", path, body)

    def watch(self, path, on_event):
        """Never returns: on_event("SET" | "GONE", object) for all there is and for what changes, also over a relist."""
        known = {}
        while True:
            try:
                self.follow(path, known, on_event)
            except (OSError, http.client.HTTPException, ApiError, ValueError):
                time.sleep(0.2)

    def follow(self, path, known, on_event):
        """One list, then one watch until it breaks. known: key -> object, as it was told."""
        listed = self.get(path)
        now = {key_of(item): item for item in listed["items"]}
        for key in [key for key in known if key not in now]:
            on_event("GONE", known.pop(key))
        for key, item in now.items():
            known[key] = item
            on_event("SET", item)
        connection = self.connect(330)
        try:
            since = listed["metadata"]["resourceVersion"]
            connection.request("GET", f"{path}?watch=1&timeoutSeconds=300&resourceVersion={since}")
            response = connection.getresponse()
            for line in response:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                item, key = event["object"], key_of(event["object"])
                if event["type"] == "DELETED":
                    known.pop(key, None)
                    on_event("GONE", item)
                else:
                    known[key] = item
                    on_event("SET", item)
        finally:
            connection.close()


def key_of(item):
    return item["metadata"].get("namespace", ""), item["metadata"]["name"], item["metadata"]["uid"]
