"""Certificates for benches and tests: an authority, and leaves with SPIFFE identities. Made anew each time, by openssl."""
import pathlib
import subprocess


def run(*command):
    subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)


class Authority:
    def __init__(self, folder, name="ca"):
        self.folder = pathlib.Path(folder)
        self.certificate, self.key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
            "-keyout", self.key, "-out", self.certificate, "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def leaf(self, name, identity=None, hosts=("localhost",), days=7):
        """NAME.crt, NAME.key and NAME.pem (both) in the folder."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        names = [f"URI:{identity}"] if identity else []
        names += [f"DNS:{host}" for host in hosts] + ["IP:127.0.0.1"]
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={','.join(names)}\nkeyUsage=critical,digitalSignature\n"
                              "extendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n")
        request = self.folder / f"{name}.csr"
        run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key,
            "-out", request)
        run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", days,
            "-extfile", extensions, "-out", certificate)
        (self.folder / f"{name}.pem").write_text(certificate.read_text() + key.read_text())
        return certificate, key
