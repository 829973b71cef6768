#!/usr/bin/env python3
"""An API server of Kubernetes as far as the injector needs one: ConfigMaps and Events, over HTTPS with a bearer token.
Prints `listening PORT`.

usage: api_server.py FOLDER
  FOLDER/api.crt, FOLDER/api.key   its certificate
  FOLDER/token                     what it takes
  FOLDER/NAMESPACE.yaml            the config of that namespace: GET .../namespaces/NAMESPACE/configmaps/outrigger
  FOLDER/events                    gets a line of JSON for each Event that is posted
"""
import http.server
import json
import pathlib
import re
import ssl
import sys

FOLDER = pathlib.Path(sys.argv[1])


class ApiServer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def allowed(self):
        if self.headers.get("Authorization") == "Bearer " + (FOLDER / "token").read_text().strip():
            return True
        self.answer(401, {"kind": "Status", "message": "Unauthorized"})
        return False

    def do_GET(self):
        found = re.fullmatch(r"/api/v1/namespaces/([a-z0-9-]+)/configmaps/outrigger", self.path)
        if not self.allowed():
            return
        file = FOLDER / f"{found.group(1)}.yaml" if found else None
        if file is None or not file.exists():
            return self.answer(404, {"kind": "Status", "message": "not found"})
        self.answer(200, {"kind": "ConfigMap", "data": {"outrigger.yaml": file.read_text()}})

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.allowed():
            return
        with open(FOLDER / "events", "a", encoding="utf-8") as events:
            events.write(json.dumps({"path": self.path, **event}) + "\n")
        self.answer(201, event)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(FOLDER / "api.crt", FOLDER / "api.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
