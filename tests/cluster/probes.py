"""Probes of a container: httpGet, tcpSocket, exec; each with the counts and times of Kubernetes."""
import asyncio
import http.client
import ssl
import socket


def port_of(container, port):
    """A number, or the containerPort of that name."""
    if isinstance(port, int):
        return port
    for entry in container.spec.get("ports", []):
        if entry.get("name") == port:
            return entry["containerPort"]
    return int(port)


def ask(host, port, action, timeout):
    """Blocks: None if the answer is a good one, else what was wrong."""
    if action.get("scheme") == "HTTPS":
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        headers = {"User-Agent": "kube-probe/1.37", **{h["name"]: h["value"] for h in action.get("httpHeaders", [])}}
        connection.request("GET", action.get("path", "/"), headers=headers)
        code = connection.getresponse().status
        return None if 200 <= code < 400 else f"status {code}"
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def reach(host, port, timeout):
    try:
        socket.create_connection((host, port), timeout).close()
        return None
    except OSError as error:
        return str(error)


async def http_get(container, action, timeout):
    host = action.get("host") or container.pod.address
    return await asyncio.to_thread(ask, host, port_of(container, action["port"]), action, timeout)


async def once(container, probe):
    """None if well, else what was wrong."""
    timeout = probe.get("timeoutSeconds", 1)
    if "httpGet" in probe:
        return await http_get(container, probe["httpGet"], timeout)
    if "tcpSocket" in probe:
        host = probe["tcpSocket"].get("host") or container.pod.address
        return await asyncio.to_thread(reach, host, port_of(container, probe["tcpSocket"]["port"]), timeout)
    if "exec" in probe:
        code, out = await container.execute(probe["exec"]["command"], timeout)
        return None if code == 0 else f"exit code {code}: {out.strip()[-200:]}"
    raise ValueError(f"{container.name}: a probe of a kind that the stand-in kubelet does not know: {sorted(probe)}")


async def repeat(container, probe, on_verdict):
    """Asks again and again; on_verdict(good, why) once enough answers in a row say so. Ends if it returns True."""
    await asyncio.sleep(probe.get("initialDelaySeconds", 0))
    in_a_row, last = 0, None
    while True:
        why = await once(container, probe)
        good = why is None
        in_a_row = in_a_row + 1 if good == last else 1
        last = good
        if in_a_row >= (probe.get("successThreshold", 1) if good else probe.get("failureThreshold", 3)) and on_verdict(good, why):
            return
        await asyncio.sleep(probe.get("periodSeconds", 10))


async def watch(container):
    """All probes of a container that has just been started, until it is cancelled. Sets is_started and is_ready."""
    spec = container.spec
    if "startupProbe" in spec:
        await repeat(container, spec["startupProbe"], lambda good, why: began(container) if good else unhealthy(container, "startup", why))
        if container.stopping or not container.is_started:
            return
    else:
        began(container)
    tasks = []
    if "livenessProbe" in spec:
        tasks.append(repeat(container, spec["livenessProbe"], lambda good, why: not good and unhealthy(container, "liveness", why)))
    if "readinessProbe" in spec:
        tasks.append(repeat(container, spec["readinessProbe"], lambda good, why: ready(container, good, why)))
    else:
        ready(container, True, None)
    await asyncio.gather(*tasks)


def began(container):
    container.is_started = True
    container.started.set()
    container.pod.report()
    return True


def ready(container, good, why):
    if container.is_ready != good:
        container.is_ready = good
        container.pod.say(f"{container.name}: {'ready' if good else f'not ready: {why}'}")
        container.pod.report()
    return False


def unhealthy(container, which, why):
    """The container is ended; whether it starts again is the pod's policy. Not while the pod ends."""
    if not container.pod.stopping:
        container.pod.say(f"{container.name}: {which} probe failed: {why}")
        asyncio.get_running_loop().create_task(container.pod.restart(container))
        return True
    return False
