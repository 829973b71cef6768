#!/usr/bin/env python3
"""The conformance cases of h2spec against a sidecar with an HTTP/1 origin behind it, over TLS where there is a certificate.

usage: h2spec.py H2SPEC [--tls]       exit code 1: a case failed that is not known to
"""
import argparse
import re
import subprocess
import sys

import certificates
import rig

# Cases that cannot hold here, and why.
KNOWN = {
    False: {"3.5/2": "the port speaks HTTP/1, too: octets that are no preface are answered in it, and then the connection is closed"},
    True: {},
}

CONFIG = """version: 1
listen: {{inbound: "127.0.0.1:{port}", outbound: none, admin: none, telemetry: none}}
log: {{access: none}}
app: {{port: {origin}{tls}}}
{identity}
"""


def failures(text):
    """Section and number of each case that failed, once each."""
    found, section = set(), ""
    for line in text.split("\n"):
        header = re.match(r"\s*(\d+(?:\.\d+)*)\. ", line)
        if header:
            section = header.group(1)
        case = re.match(r"\s*× (\d+):", line)
        if case:
            found.add(f"{section}/{case.group(1)}")
    return found


def run(program, tls):
    with rig.Rig() as bench:
        bench.origin()
        identity = ""
        if tls:
            authority = certificates.Authority(bench.folder)
            authority.leaf("server", "spiffe://bench.example/server")
            identity = f'identity: {{cert: "{bench.folder}/server.crt", key: "{bench.folder}/server.key", trust: "{bench.folder}/ca.crt"}}'
        path = f"{bench.folder}/h2spec.yaml"
        with open(path, "w") as file:
            file.write(CONFIG.format(port=rig.FIRST_PORT, origin=rig.ORIGIN_PORT, identity=identity,
                                     tls=", tls: {mode: strict, clients: ignored}" if tls else ""))
        bench.start(rig.FIRST_PORT, rig.PROXY_CPU, rig.outrigger_binary(), "run", "--workers", "1", "--config", path)
        command = [program, "-h", "127.0.0.1", "-p", str(rig.FIRST_PORT), *(["-t", "-k"] if tls else [])]
        text = subprocess.run(command, capture_output=True, text=True, timeout=600).stdout
    summary = re.search(r"\d+ tests, .*", text)
    print(f"{'TLS' if tls else 'cleartext'}: {summary.group(0) if summary else text[-500:]}")
    failed = failures(text.split("Failures:", 1)[-1]) if "Failures:" in text else set()
    for case in sorted(failed):
        print(f"  {case}: {KNOWN[tls].get(case, 'FAILED')}")
    return summary is not None and failed <= set(KNOWN[tls])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--tls", action="store_true", help="over TLS instead")
    arguments = parser.parse_args()
    sys.exit(0 if run(arguments.program, arguments.tls) else 1)


main()
