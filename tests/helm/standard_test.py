#!/usr/bin/env python3
"""The check of the "restricted" standard finds what the standard forbids."""
import copy
import unittest

import standard

GOOD = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [{"name": "app", "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}],
    "volumes": [{"name": "v", "emptyDir": {}}],
}

# A change to the pod or to its container, and a word of the finding.
POD = [
    ({"hostNetwork": True}, "hostNetwork"),
    ({"hostPID": True}, "hostPID"),
    ({"volumes": [{"name": "v", "hostPath": {"path": "/"}}]}, "hostPath"),
    ({"volumes": [{"name": "v", "nfs": {}}]}, "nfs"),
    ({"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}, "runAsNonRoot must be true"),
    ({"securityContext": {"runAsNonRoot": True}}, "seccompProfile must be set"),
    ({"securityContext": {**GOOD["securityContext"], "runAsUser": 0}}, "runAsUser"),
    ({"securityContext": {**GOOD["securityContext"], "sysctls": [{"name": "kernel.msgmax"}]}}, "sysctl"),
    ({"securityContext": {**GOOD["securityContext"], "seLinuxOptions": {"type": "spc_t"}}}, "seLinuxOptions"),
    ({"securityContext": {**GOOD["securityContext"], "windowsOptions": {"hostProcess": True}}}, "hostProcess"),
    ({"initContainers": [{"name": "first"}]}, "first: allowPrivilegeEscalation"),
]
CONTAINER = [
    ({"ports": [{"hostPort": 80}]}, "hostPort"),
    ({"livenessProbe": {"httpGet": {"host": "169.254.169.254"}}}, "host of a probe"),
    ({"lifecycle": {"preStop": {"tcpSocket": {"host": "x"}}}}, "host of a probe"),
]
CONTEXT = [
    ({"privileged": True}, "privileged"),
    ({"allowPrivilegeEscalation": True}, "allowPrivilegeEscalation"),
    ({"procMount": "Unmasked"}, "procMount"),
    ({"capabilities": {}}, "drop must have ALL"),
    ({"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}, "NET_BIND_SERVICE only"),
    ({"runAsNonRoot": False}, "runAsNonRoot must not be false"),
    ({"runAsUser": 0}, "runAsUser"),
    ({"seccompProfile": {"type": "Unconfined"}}, "seccompProfile.type"),
    ({"appArmorProfile": {"type": "Unconfined"}}, "appArmorProfile"),
]


class Restricted(unittest.TestCase):
    def test_a_good_pod(self):
        self.assertEqual(standard.findings(GOOD), [])
        bind = copy.deepcopy(GOOD)
        bind["containers"][0]["securityContext"]["capabilities"]["add"] = ["NET_BIND_SERVICE"]
        self.assertEqual(standard.findings(bind), [])

    def expect(self, pod, word):
        found = standard.findings(pod)
        self.assertTrue(any(word in finding for finding in found), f"{word}: {found}")

    def test_bad_pods(self):
        for change, word in POD:
            self.expect({**copy.deepcopy(GOOD), **change}, word)

    def test_bad_containers(self):
        for change, word in CONTAINER:
            pod = copy.deepcopy(GOOD)
            pod["containers"][0].update(change)
            self.expect(pod, word)
        for change, word in CONTEXT:
            pod = copy.deepcopy(GOOD)
            pod["containers"][0]["securityContext"].update(change)
            self.expect(pod, word)

    def test_an_annotation_of_old(self):
        key = "container.apparmor.security.beta.kubernetes.io/app"
        self.assertEqual(len(standard.findings(GOOD, {"annotations": {key: "unconfined"}})), 1)


if __name__ == "__main__":
    unittest.main()
