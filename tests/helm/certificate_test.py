#!/usr/bin/env python3
"""The webhook's certificate in the mode `helm`: the API server can believe it, an upgrade keeps it, and the upgrade that
replaces it goes on believing the one before. A few lines of HTTP stand for the API server that helm looks things up at."""
import base64
import http.server
import json
import ssl
import tempfile
import threading
import time
import unittest

import chart

chart.need_helm()
chart.need_python_parts()

SECRETS = "/api/v1/namespaces/mesh-system/secrets/mesh-outrigger-injector-tls"
HOST = "mesh-outrigger-injector.mesh-system.svc"


class ApiServer(http.server.BaseHTTPRequestHandler):
    secret = None

    def do_GET(self):
        pages = {
            "/version": {"major": "1", "minor": "37", "gitVersion": "v1.37.0"},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
                {"name": "secrets", "singularName": "secret", "namespaced": True, "kind": "Secret", "verbs": ["get"]}]},
        }
        path = self.path.split("?")[0]
        page = self.secret if path == SECRETS and self.secret else pages.get(path)
        status = 200 if page else 404
        none = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
        body = json.dumps(page or none)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def decoded(text):
    return base64.b64decode(text).decode()


def handshake(certificate, key, authorities, host):
    """Raises ssl.SSLError unless a client that believes these authorities takes this server for `host`."""
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(certificate + key)
        file.flush()
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(file.name)
    theirs = ssl.create_default_context(cadata=authorities)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = ours.wrap_bio(to_server, to_client, server_side=True)
    client = theirs.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
    client.getpeercert()


class Certificate(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.folder = tempfile.TemporaryDirectory()
        ApiServer.secret = None

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def render(self, *arguments):
        """(secret, authorities that the webhook names) as an upgrade would make them."""
        address = f"http://127.0.0.1:{self.server.server_address[1]}"
        run = chart.helm("template", "mesh", chart.CHART, "-n", "mesh-system", "--dry-run=server", "--kube-apiserver", address,
                         "--kube-version", chart.KUBERNETES, "--show-only", "templates/webhook.yaml", *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        secret, webhook = chart.objects(run.stdout)
        bundles = {w["clientConfig"]["caBundle"] for w in webhook["webhooks"]}
        self.assertEqual(len(bundles), 1)
        return secret, decoded(bundles.pop())

    def test_the_api_server_can_believe_it(self):
        secret, bundle = self.render()
        certificate, key = decoded(secret["data"]["tls.crt"]), decoded(secret["data"]["tls.key"])
        handshake(certificate, key, bundle, HOST)
        with self.assertRaises(ssl.SSLCertVerificationError):
            handshake(certificate, key, bundle, "other.mesh-system.svc")

    def test_an_upgrade_keeps_it(self):
        ApiServer.secret, bundle = self.render()
        again, same = self.render("--set", "injector.replicas=2")
        self.assertEqual((again["data"], same), (ApiServer.secret["data"], bundle))
        self.assertEqual(again["metadata"]["annotations"], ApiServer.secret["metadata"]["annotations"])

    def test_without_a_look_at_what_is_there_each_is_new(self):
        self.assertNotEqual(self.render()[0]["data"], self.render()[0]["data"])

    def test_after_half_of_its_days_a_new_one_is_made(self):
        half = time.time() + 10 * 86400 / 2
        ApiServer.secret, _ = self.render("--set", "injector.certificate.helm.days=10")
        self.assertLess(abs(int(ApiServer.secret["metadata"]["annotations"]["outrigger.dev/renew-after"]) - half), 60)
        ApiServer.secret["metadata"]["annotations"]["outrigger.dev/renew-after"] = str(int(time.time()) - 1)
        new, bundle = self.render()
        old = ApiServer.secret["data"]
        self.assertNotEqual(new["data"]["tls.crt"], old["tls.crt"])
        self.assertEqual(new["data"]["previous-ca.crt"], old["ca.crt"])
        # Injectors that still show the old certificate are believed, and so are those that show the new one.
        for data in (old, new["data"]):
            handshake(decoded(data["tls.crt"]), decoded(data["tls.key"]), bundle, HOST)
        # And the next upgrade still says so.
        ApiServer.secret = new
        self.assertEqual(self.render()[1], bundle)

    def test_a_secret_with_half_of_it_is_made_anew(self):
        ApiServer.secret, _ = self.render()
        del ApiServer.secret["data"]["tls.key"]
        secret, bundle = self.render()
        handshake(decoded(secret["data"]["tls.crt"]), decoded(secret["data"]["tls.key"]), bundle, HOST)

    def test_one_that_is_given_is_named_as_it_is(self):
        text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
        for given in (text, base64.b64encode(text.encode()).decode()):
            run = chart.helm("template", "mesh", chart.CHART, "--kube-version", chart.KUBERNETES, "--show-only",
                             "templates/webhook.yaml", "--set", "injector.certificate.mode=provided", "--set",
                             "injector.certificate.provided.secretName=s", "--set-string",
                             f"injector.certificate.provided.caBundle={given}")
            self.assertEqual(run.returncode, 0, run.stderr)
            (webhook,) = chart.objects(run.stdout)
            self.assertEqual(decoded(webhook["webhooks"][0]["clientConfig"]["caBundle"]), text)


if __name__ == "__main__":
    unittest.main()
