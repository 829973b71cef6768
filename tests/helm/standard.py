"""The "restricted" pod security standard of Kubernetes (which contains "baseline"), for Linux pods: each control is a
generator of findings over a pod spec."""

SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
}
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SELINUX_TYPES = {"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
SECCOMP = {"RuntimeDefault", "Localhost"}


def containers(spec):
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(kind) or []:
            yield container["name"], container


def contexts(spec):
    """The pod's security context, and each container's."""
    yield "the pod", spec.get("securityContext") or {}
    for name, container in containers(spec):
        yield name, container.get("securityContext") or {}


def host_namespaces(spec):
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield f"{key} must not be true"


def host_process(spec):
    for where, context in contexts(spec):
        if (context.get("windowsOptions") or {}).get("hostProcess"):
            yield f"{where}: windowsOptions.hostProcess must not be true"


def host_ports(spec):
    for name, container in containers(spec):
        if any(port.get("hostPort") for port in container.get("ports") or []):
            yield f"{name}: hostPort must not be set"


def probe_hosts(spec):
    for name, container in containers(spec):
        handlers = [container.get(probe) for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
        handlers += list((container.get("lifecycle") or {}).values())
        for handler in handlers:
            for kind in ("httpGet", "tcpSocket"):
                if isinstance(handler, dict) and (handler.get(kind) or {}).get("host"):
                    yield f"{name}: the host of a probe or a hook must not be set"


def volume_types(spec):
    for volume in spec.get("volumes") or []:
        for kind in set(volume) - {"name"} - VOLUMES:
            yield f"volume {volume['name']}: {kind} is no permitted type"


def privileges(spec):
    for name, container in containers(spec):
        context = container.get("securityContext") or {}
        if context.get("privileged"):
            yield f"{name}: privileged must not be true"
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{name}: allowPrivilegeEscalation must be false"
        if context.get("procMount", "Default") != "Default":
            yield f"{name}: procMount must be Default"


def capabilities(spec):
    for name, container in containers(spec):
        own = (container.get("securityContext") or {}).get("capabilities") or {}
        if "ALL" not in (own.get("drop") or []):
            yield f"{name}: capabilities.drop must have ALL"
        if set(own.get("add") or []) - {"NET_BIND_SERVICE"}:
            yield f"{name}: capabilities.add may have NET_BIND_SERVICE only"


def users(spec):
    pod = spec.get("securityContext") or {}
    for where, context in contexts(spec):
        if context.get("runAsUser") == 0:
            yield f"{where}: runAsUser must not be 0"
        if context.get("runAsNonRoot") is False:
            yield f"{where}: runAsNonRoot must not be false"
    for name, container in containers(spec):
        if not pod.get("runAsNonRoot") and not (container.get("securityContext") or {}).get("runAsNonRoot"):
            yield f"{name}: runAsNonRoot must be true, of it or of the pod"


def seccomp(spec):
    def kind(context):
        return (context.get("seccompProfile") or {}).get("type")

    pod = kind(spec.get("securityContext") or {})
    for where, context in contexts(spec):
        if kind(context) not in SECCOMP | {None}:
            yield f"{where}: seccompProfile.type must be RuntimeDefault or Localhost"
    for name, container in containers(spec):
        if pod is None and kind(container.get("securityContext") or {}) is None:
            yield f"{name}: seccompProfile must be set, of it or of the pod"


def linux_modules(spec):
    for where, context in contexts(spec):
        options = context.get("seLinuxOptions") or {}
        if options.get("type", "") not in SELINUX_TYPES or options.get("user") or options.get("role"):
            yield f"{where}: seLinuxOptions may have a container type only"
        if (context.get("appArmorProfile") or {}).get("type", "RuntimeDefault") not in SECCOMP:
            yield f"{where}: appArmorProfile.type must be RuntimeDefault or Localhost"


def sysctls(spec):
    for sysctl in (spec.get("securityContext") or {}).get("sysctls") or []:
        if sysctl["name"] not in SAFE_SYSCTLS:
            yield f"sysctl {sysctl['name']} is not a safe one"


CONTROLS = (host_namespaces, host_process, host_ports, probe_hosts, volume_types, privileges, capabilities, users, seccomp,
            linux_modules, sysctls)


def findings(spec, metadata=None):
    found = [finding for control in CONTROLS for finding in control(spec)]
    for key, value in ((metadata or {}).get("annotations") or {}).items():
        if key.startswith("container.apparmor.security.beta.kubernetes.io/") and value not in ("", "runtime/default") \
                and not value.startswith("localhost/"):
            found.append(f"annotation {key} must be runtime/default or localhost/NAME")
    return found
