"""A real control plane without a container engine: etcd, kube-apiserver, kube-controller-manager, on the bridge's address.

The binaries are built from Go modules (build.sh). Ports are fixed: all of it runs in a network namespace of its own.
"""
import os
import pathlib
import subprocess
import time

import sandbox

PORT, ETCD = 6443, "http://127.0.0.1:2379"
BINARIES = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl")
CONTROLLERS = ("serviceaccount", "root-ca-certificate-publisher", "endpointslice", "deployment", "replicaset", "job", "disruption",
               "namespace", "garbage-collector")
KUBECONFIG = """apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "https://{host}:{port}", certificate-authority: {pki}/ca.crt}}}}]
users: [{{name: admin, user: {{client-certificate: {pki}/admin.crt, client-key: {pki}/admin.key}}}}]
contexts: [{{name: test, context: {{cluster: test, user: admin, namespace: default}}}}]
current-context: test
"""


def openssl(*words, folder):
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(words)}: {done.stderr}")


def make_certificates(folder):
    """ca, apiserver (good for the bridge's address), admin, and the key of service accounts' tokens."""
    folder.mkdir(parents=True)
    key = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test-ca",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", folder=folder)
    names = f"subjectAltName=IP:{sandbox.GATEWAY},IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
    for name, subject, extension in (("apiserver", "/CN=kube-apiserver", names),
                                     ("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth")):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject, folder=folder)
        (folder / "extensions").write_text(extension)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-out", f"{name}.crt", "-extfile", "extensions", folder=folder)
    openssl("genrsa", "-out", "sa.key", "2048", folder=folder)


class ControlPlane:
    """binaries: folder of them; state: folder for what it writes; logs: folder for what it says."""

    def __init__(self, binaries, state, logs):
        self.binaries, self.state, self.logs = pathlib.Path(binaries), pathlib.Path(state), pathlib.Path(logs)
        self.pki = self.state / "pki"
        self.kubeconfig = self.state / "kubeconfig"
        self.processes = {}

    def start(self, name, *words):
        with open(self.logs / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen([self.binaries / name, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                    cwd=self.state)

    def up(self):
        """Returns when the API server is ready and the first namespace has its service account."""
        missing = [name for name in BINARIES if not (self.binaries / name).exists()]
        if missing:
            raise RuntimeError(f"{self.binaries} lacks {', '.join(missing)}: tests/cluster/build.sh {self.binaries} builds them")
        make_certificates(self.pki)
        self.kubeconfig.write_text(KUBECONFIG.format(host=sandbox.GATEWAY, port=PORT, pki=self.pki))
        self.start("etcd", "--data-dir", str(self.state / "etcd"), "--unsafe-no-fsync", "--log-level", "warn")
        pki = self.pki
        self.start("kube-apiserver", f"--etcd-servers={ETCD}", f"--bind-address={sandbox.GATEWAY}",
                   f"--advertise-address={sandbox.GATEWAY}", f"--secure-port={PORT}",
                   "--endpoint-reconciler-type=none", f"--tls-cert-file={pki}/apiserver.crt",
                   f"--tls-private-key-file={pki}/apiserver.key", f"--client-ca-file={pki}/ca.crt",
                   f"--service-cluster-ip-range={sandbox.SERVICES}", "--service-account-issuer=https://kubernetes.default.svc",
                   f"--service-account-key-file={pki}/sa.key", f"--service-account-signing-key-file={pki}/sa.key",
                   "--authorization-mode=RBAC", f"--cert-dir={self.state}/certs")
        self.until(lambda: self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0, "the API server is ready")
        self.start("kube-controller-manager", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false", "--bind-address=127.0.0.1",
                   f"--cert-dir={self.state}/certs", f"--service-account-private-key-file={pki}/sa.key", f"--root-ca-file={pki}/ca.crt",
                   "--controllers=" + ",".join(f"{name}-controller" for name in CONTROLLERS))
        self.until(lambda: self.kubectl("get", "serviceaccount", "default", check=False).returncode == 0, "the controllers work")

    def until(self, good, what, seconds=120):
        end = time.monotonic() + seconds
        while not good():
            for name, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended with {process.returncode}: " + self.tail(name))
            if time.monotonic() > end:
                raise RuntimeError(f"not within {seconds} s: {what}")
            time.sleep(0.1)

    def tail(self, name, lines=5):
        return "\n".join((self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])

    def kubectl(self, *words, text=None, check=True):
        env = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run([self.binaries / "kubectl", *words], input=text, capture_output=True, text=True, env=env)
        if check and done.returncode:
            raise RuntimeError(f"kubectl {' '.join(words)}: {done.stderr}")
        return done
