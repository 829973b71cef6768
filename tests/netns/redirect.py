#!/usr/bin/env python3
"""Redirect mode with the real kernel: rules, sidecar and clients that know nothing of it, in two network namespaces.

usage: redirect.py BINARY [PATTERN...]   only checks whose names hold one of the patterns
Exit code: 0 all is well, 1 not, 77 this machine cannot (it says why).
"""
import contextlib
import fnmatch
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time
import traceback

from world import APP_UID, HERE, OUTSIDE, POD, PYTHON, Failure, World, expect, host, wait_for, why_not_here

SKIPPED = 77
CONFIG = """version: 1
workers: 2
app: {port: 8080}
log: {access: all}
redirect: {enabled: true}
shutdown: {lameDuck: 0s, grace: 3s}
upstreams:
  payments: {endpoints: ["10.77.0.2:8081", "10.77.0.2:8082"]}
  payments6: {endpoints: ["[fd77::2]:8082"]}
"""
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def see(world, done):
    """What a `seen` service saw of curl's request."""
    said = f"{' '.join(map(str, done.args[4:]))}: {done.stdout}{done.stderr}"
    expect(done.returncode == 0 and done.stdout.startswith("{"), said)
    return json.loads(done.stdout)


def curl(world, url, *more, outside=False):
    run = world.from_outside if outside else world.as_app
    return run("curl", "-sS", "-m", "10", *more, url)


# ---- The verb

@check
def the_rules_come_and_go(world):
    world.remove("--now")
    expect(world.redirect("show").returncode == 1, "show: nothing is loaded")
    world.apply()
    once = world.ruleset()
    world.apply()
    expect(world.ruleset() == once, "apply twice is apply once")
    expect("redirect to :15106" in world.redirect("show").stdout, "show prints the rules")
    expect("nothing is redirected any more" in world.remove(), "remove says so")
    expect("nothing was redirected" in world.remove(), "remove once more is fine")
    expect(world.ruleset() == "", "nothing is left")


@check
def others_rules_stay(world):
    world.run(world.pod, 0, ["nft", "table inet others { chain c { type nat hook output priority -90; }; }"])
    world.apply()
    world.remove("--now")
    rules = world.ruleset()
    world.run(world.pod, 0, ["nft", "delete table inet others"])
    expect("table inet others" in rules and "outrigger" not in rules, rules)


@check
def one_tool_takes_over_from_the_other(world):
    world.apply("--with", "iptables")
    expect("OUTRIGGER_OUTBOUND" in world.redirect("show").stdout, "loaded by iptables")
    world.apply("--with", "iptables")
    hooks = world.run(world.pod, 0, ["ip6tables", "-t", "nat", "-S", "OUTPUT"]).stdout
    expect(hooks.count("OUTRIGGER_OUTBOUND") == 1, f"hooked once: {hooks}")
    world.apply()
    shown = world.redirect("show").stdout
    expect("redirect to :15101" in shown and "OUTRIGGER_OUTBOUND" not in shown, shown)
    world.remove("--now")


@check
def without_the_right_it_says_so(world):
    done = world.run(world.pod, APP_UID, [world.binary, "redirect", "apply"])
    expect(done.returncode == 1 and "CAP_NET_ADMIN" in done.stderr, done.stderr)
    done = world.redirect("apply", "--skip-cidrs", "10.0.0.1/8", "--skip-outbound-ports", "http")
    expect(done.returncode == 2 and "try 10.0.0.0/8" in done.stderr and "`http` is no port" in done.stderr, done.stderr)


@check
def net_admin_is_all_the_right_it_needs(world):
    world.remove("--now")
    alone = ["setpriv", "--bounding-set", "-all,+net_admin", "--inh-caps", "-all", "--no-new-privs"]
    for action in (["apply", "--skip-cidrs", "10.0.0.0/8", "--skip-cidrs", "fd00::/8"], ["show"], ["remove"]):
        done = world.run(world.pod, 0, [*alone, world.binary, "redirect", *action])
        expect(done.returncode == 0, f"{action}: {done.stdout}{done.stderr}")


# ---- Outbound

@check
def a_known_host_gets_its_policies(world):
    before = world.metric("outrigger_requests_total", upstream="payments", code="200")
    retries = world.metric("outrigger_retries_total", upstream="payments")
    for _ in range(10):
        seen = see(world, curl(world, "http://payments/orders"))
        expect("via" in seen["headers"], f"through the sidecar: {seen}")
    expect(world.metric("outrigger_requests_total", upstream="payments", code="200") == before + 10, "ten were counted")
    expect(world.metric("outrigger_retries_total", upstream="payments") > retries, "who answers 503 was asked, too")


@check
def a_known_host_by_ipv6(world):
    seen = see(world, curl(world, "http://payments6/"))
    expect("via" in seen["headers"] and seen["peer"] == POD[6], f"{seen}")


@check
def an_unknown_host_is_passed_on(world):
    for family in (4, 6):
        seen = see(world, curl(world, f"http://{host(OUTSIDE[family])}:8083/"))
        expect(seen["peer"].removeprefix("::ffff:") == POD[family], f"{seen}")
        expect("via" in seen["headers"], f"through the sidecar: {seen}")
    seen = see(world, curl(world, "http://stranger:8083/"))
    expect(seen["headers"]["host"] == "stranger:8083", f"{seen}")


@check
def tls_to_an_unknown_host_is_a_tunnel(world):
    before = world.metric("outrigger_detections_total", direction="outbound", verdict="tls")
    for family in (4, 6):
        done = curl(world, f"https://stranger:8443/{family}", "--cacert", str(world.folder / "tls.pem"),
                    "--connect-to", f"stranger:8443:{host(OUTSIDE[family])}:8443")
        seen = see(world, done)
        expect("via" not in seen["headers"], f"nobody could look inside: {seen}")
    expect(world.metric("outrigger_detections_total", direction="outbound", verdict="tls") == before + 2, "both counted")


@check
def who_speaks_first_is_not_kept_waiting(world):
    direct = world.client(world.outside, "greeted", "127.0.0.1", "2525")
    for family in (4, 6):
        seen = world.client(world.pod, "greeted", OUTSIDE[family], "2525")
        expect(seen["text"].startswith("220") and seen["reply"] == "250 HELO pod", f"{seen}")
        note(f"IPv{family}: first line after {seen['line']:.1f} ms, {direct['line']:.1f} ms without us")
        expect(seen["line"] < 50 + ALLOWANCE, f"{seen}")


@check
def a_request_in_single_octets_is_http(world):
    for wait in ("0", "120"):
        before = world.metric("outrigger_detections_total", direction="outbound", verdict="http1")
        seen = world.client(world.pod, "bytewise", OUTSIDE[4], "80", "payments", wait)
        expect(seen["status"] == 200 and "via" in json.loads(seen["body"])["headers"], f"after {wait} ms: {seen}")
        after = world.metric("outrigger_detections_total", direction="outbound", verdict="http1")
        expect(wait != "0" or after == before + 1, "seen as HTTP")


@check
def redis_and_postgres_know_nothing_of_it(world):
    if world.redis is None or world.postgres is None:
        return note("SKIPPED: redis-server and postgresql are not installed")
    for family in (4, 6):
        done = world.as_app("redis-cli", "-h", OUTSIDE[family], "-p", "6379", "set", "color", "teal")
        expect(done.stdout == "OK\n", f"{done.stdout}{done.stderr}")
        done = world.as_app("psql", "-h", OUTSIDE[family], "-U", "postgres", "-Atc", "select 6 * 7", "postgres")
        expect(done.stdout == "42\n", f"{done.stdout}{done.stderr}")
    tunnels = world.metric("outrigger_detections_total", direction="outbound", verdict="tcp")
    expect(tunnels >= 2, f"they went through us: {tunnels}")


@check
def what_is_skipped_goes_its_own_way(world):
    with rules(world, "--skip-outbound-ports", "8083,9000-9010"):
        expect("via" not in see(world, curl(world, "http://stranger:8083/"))["headers"], "a skipped port")
        expect("via" in see(world, curl(world, "http://payments/"))["headers"], "the others stay")
    for family in (4, 6):
        with rules(world, "--skip-cidrs", f"{OUTSIDE[family]},198.51.100.0/24"):
            url = f"http://{host(OUTSIDE[family])}:8083/"
            expect("via" not in see(world, curl(world, url))["headers"], "a skipped network")
            url = f"http://{host(OUTSIDE[10 - family])}:8083/"
            expect("via" in see(world, curl(world, url))["headers"], "the other family stays")
    with rules(world, "--skip-inbound-ports", "8080"):
        expect("via" not in see(world, curl(world, f"http://{POD[4]}:8080/", outside=True))["headers"], "inbound")


@check
def the_app_reaches_itself(world):
    for address in ("127.0.0.1", "[::1]", POD[4], host(POD[6])):
        expect("via" not in see(world, curl(world, f"http://{address}:8080/"))["headers"], f"{address}: by itself")


# ---- Inbound

@check
def calls_of_others_come_through_us(world):
    for family in (4, 6):
        before = world.metric("outrigger_requests_total", direction="inbound", code="200")
        seen = see(world, curl(world, f"http://{host(POD[family])}:8080/hello", outside=True))
        expect("via" in seen["headers"], f"{seen}")
        expect(seen["headers"].get("x-forwarded-for") == OUTSIDE[family], f"{seen}")
        after = world.metric("outrigger_requests_total", direction="inbound", code="200")
        expect(after == before + 1, f"IPv{family}: counted")


@check
def our_own_ports_stay_reachable(world):
    done = curl(world, f"http://{POD[4]}:15190/ready", outside=True)
    expect(done.returncode == 0, f"telemetry: {done.stderr}")
    seen = see(world, curl(world, f"http://{POD[4]}:15106/", outside=True))
    expect("via" in seen["headers"], "a peer that calls the sidecar's own port")
    seen = see(world, curl(world, "http://127.0.0.1:15101/", "-H", "Host: payments"))
    expect("via" in seen["headers"], "the app that calls the sidecar's own port")
    expect(world.metric("outrigger_redirect_refused_total") == 0, "nobody was refused")


@check
def another_port_of_the_app_keeps_working(world):
    for family in (4, 6):
        seen = world.client(world.outside, "greeted", POD[family], "2526")
        expect(seen["text"].startswith("220"), f"{seen}")
        expect(seen["line"] < 50 + ALLOWANCE, f"{seen}")


# ---- Life and errors

@check
def nothing_is_lost_when_rules_come_and_go(world):
    world.remove("--now")
    old = start_traffic(world)
    world.apply()
    young = start_traffic(world)
    for step in (lambda: world.apply("--skip-outbound-ports", "9"), lambda: world.apply(), lambda: world.remove()):
        let_some_pass(world)
        step()
    let_some_pass(world)
    for name, process in (("older than the rules", old), ("younger", young)):
        report = end_traffic(process)
        note(f"{name}: {report['requests']} requests")
        expect(not report["failures"] and report["requests"] > 50, f"{name}: {report}")
    wait_for(lambda: world.remove() and "outrigger" not in world.ruleset(), lambda: "the last redirected connection to be gone:\n" +
             world.run(world.pod, 0, ["grep", "-v", "TIME_WAIT", "/proc/net/nf_conntrack"]).stdout)
    world.apply()


@check
def the_sidecar_comes_and_goes_under_traffic(world):
    world.remove("--now")
    expect(world.stop_sidecar() == 0, "it ends well")
    process = start_traffic(world)
    world.start_sidecar(CONFIG)
    world.apply()
    let_some_pass(world)
    world.remove()
    let_some_pass(world)
    expect(world.stop_sidecar() == 0, "it ends well")
    report = end_traffic(process)
    note(f"{report['requests']} requests")
    expect(not report["failures"], f"{report}")
    world.start_sidecar(CONFIG)
    world.apply()


@check
def a_reload_switches_it_on_and_off(world):
    file = world.folder / "outrigger.yaml"
    asks = lambda: "via" in curl(world, f"http://{host(OUTSIDE[6])}:8083/").stdout
    expect(asks(), "it is on: an unknown host is passed on")
    with calls_on_one_connection(world) as call:
        call()
        file.write_text(CONFIG.replace("enabled: true", "enabled: false"))
        wait_for(lambda: not asks(), "it to be off")
        call()
        file.write_text(CONFIG)
        wait_for(asks, "it to be on again")
        call()


@check
def what_was_going_to_ourselves_is_refused(world):
    labels = {"direction": "inbound", "why": "loop"}
    before = world.metric("outrigger_redirect_refused_total", **labels)
    world.run(world.pod, 0, ["nft", "table inet others { chain c { type nat hook prerouting priority -110; "
                                    "tcp dport 15190 redirect to :15106; }; }"])
    try:
        for family in (4, 6):
            seen = world.client(world.outside, "said", POD[family], "15190")
            expect(seen["answer"] == "", f"{seen}")
    finally:
        world.run(world.pod, 0, ["nft", "delete table inet others"])
    expect(world.metric("outrigger_redirect_refused_total", **labels) == before + 2, "both were counted")


@check
def our_own_calls_in_a_circle_end(world):
    restart_sidecar(world)  # its idle connections are older than the circle
    with rules(world, "--uid", "15999"):  # the rules are for another user than the sidecar's
        before = world.metric("process_open_fds")
        done = curl(world, "http://payments6/", "-o", "/dev/null", "-w", "%{http_code}")
        note(f"HTTP: {done.stdout}")
        expect(done.stdout in ("508", "502", "503"), f"a loop is told: {done.stdout} {done.stderr}")
        seen = world.client(world.pod, "said", OUTSIDE[4], "9000")
        note(f"TCP: ended after {seen['ms']:.0f} ms")
        expect(seen["answer"] == "", f"nobody is there: {seen}")
        wait_for(lambda: world.metric("process_open_fds") <= before + 20, "the circle's descriptors to come back")
    restart_sidecar(world)  # and now they are part of it
    expect("via" in see(world, curl(world, "http://payments/"))["headers"], "and it goes on")


@check
def what_it_costs(world):
    ways = {"without us": (OUTSIDE[4], "8082"), "explicit": ("127.0.0.1", "15101"), "redirected": (OUTSIDE[4], "80")}
    rows = {name: [] for name in ways}
    with rules(world, "--skip-outbound-ports", "8082"):
        for _ in range(3):
            for name, way in ways.items():
                rows[name].append(world.client(world.pod, "latency", *way, "payments6", "200", timeout=60))
    for name, rounds in rows.items():
        kept, new = (min(row[kind] for row in rounds) for kind in ("kept", "new"))
        note(f"{name:>11}: {kept:.0f} us on a kept connection, {new:.0f} us on a new one each")


# ---- The scaffold

ALLOWANCE = 60  # milliseconds for a busy machine
notes = []


def note(text):
    notes.append(text)


@contextlib.contextmanager
def rules(world, *arguments):
    world.apply(*arguments)
    try:
        yield
    finally:
        world.apply()


def restart_sidecar(world):
    world.stop_sidecar()
    world.start_sidecar(CONFIG)


@contextlib.contextmanager
def calls_on_one_connection(world):
    """Each call is a GET for a known host; the connection stays the same."""
    process = world.start(world.pod, APP_UID, [PYTHON, world.folder / "client.py", "stay", OUTSIDE[4], "80", "payments6"],
                          "stay", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call():
        process.stdin.write("go\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        expect(answer == "200\n", f"a connection that was open: {answer} {world.log('stay')}")
    try:
        yield call
    finally:
        process.stdin.close()
        process.wait(5)


def start_traffic(world):
    name = f"traffic{len(world.processes)}"
    process = world.start(world.pod, APP_UID, [PYTHON, world.folder / "client.py", "traffic", OUTSIDE[4], "8083", "stranger"],
                          name, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    wait_for(lambda: "begun" in world.log(name), "the traffic to begin")
    return process


def let_some_pass(world):
    """A few requests of our own stand for a while of the traffic's."""
    for _ in range(5):
        see(world, curl(world, "http://stranger:8083/"))


def end_traffic(process):
    out, _ = process.communicate(timeout=15)
    expect(process.returncode == 0, f"traffic: {out}")
    return json.loads(out)


def start_services(world):
    for name in ("services.py", "client.py"):
        shutil.copy(HERE / name, world.folder / name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=stranger", "-addext", "subjectAltName=DNS:stranger", "-keyout", world.folder / "key.pem",
                    "-out", world.folder / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
    pem = world.folder / "tls.pem"
    pem.write_text((world.folder / "key.pem").read_text() + (world.folder / "cert.pem").read_text())
    pem.chmod(0o644)
    plans = ((world.outside, "outside", ["8081=failing", "8082=seen", "8083=seen", f"8443=tls:{pem}", "2525=greeter", "9000=echo"]),
             (world.pod, "app", ["8080=seen", "2526=greeter"]))
    for namespace, name, services in plans:
        world.start(namespace, APP_UID, [PYTHON, world.folder / "services.py", *services], name)
    for _, name, _ in plans:
        wait_for(lambda: "ready" in world.log(name), f"the services {name}: {world.log(name)}")
    start_redis(world)
    start_postgres(world)


def start_redis(world):
    world.redis = None
    if not shutil.which("redis-server") or not shutil.which("redis-cli"):
        return
    world.redis = world.start(world.outside, APP_UID, ["redis-server", "--port", "6379", "--bind", "0.0.0.0", "::",
                              "--protected-mode", "no", "--save", "", "--dir", "/tmp"], "redis")


def start_postgres(world):
    world.postgres = None
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders or not shutil.which("psql"):
        return
    data = world.folder / "postgres"
    data.mkdir()
    user = pwd.getpwnam("postgres").pw_uid
    shutil.chown(data, user)
    done = world.run(world.outside, user, [folders[-1] / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N"], 60)
    expect(done.returncode == 0, f"initdb: {done.stderr}")
    with open(data / "pg_hba.conf", "a") as file:
        file.write("host all all 0.0.0.0/0 trust\nhost all all ::/0 trust\n")
    world.postgres = world.start(world.outside, user, [folders[-1] / "postgres", "-D", data, "-k", data,
                                 "-c", "listen_addresses=*", "-c", "fsync=off"], "postgres")
    wait_for(lambda: "ready to accept connections" in world.log("postgres"), "postgres")


def run(world, chosen):
    failed = 0
    start_services(world)
    world.start_sidecar(CONFIG)
    for function in chosen:
        notes.clear()
        begin = time.monotonic()
        try:
            if world.redirect("show").returncode != 0:
                world.apply()
            function(world)
            verdict = "ok"
        except (Failure, subprocess.TimeoutExpired, KeyError, ValueError) as error:
            verdict = "FAILED"
            failed += 1
            notes.append(f"{type(error).__name__}: {error}")
            if not isinstance(error, Failure):
                notes.append(traceback.format_exc())
        print(f"{verdict:6} {function.__name__} ({(time.monotonic() - begin) * 1000:.0f} ms)", flush=True)
        for text in notes:
            print("       " + text.replace("\n", "\n       "), flush=True)
    if failed:
        print(f"{failed} of {len(chosen)} failed; the sidecar's log ends so:\n" + world.log("sidecar")[-3000:])
    return failed


def main():
    why = why_not_here()
    if why:
        print(f"SKIPPED: {why}")
        return SKIPPED
    patterns = [f"*{pattern}*" for pattern in sys.argv[2:]] or ["*"]
    chosen = [f for f in CHECKS if any(fnmatch.fnmatch(f.__name__, pattern) for pattern in patterns)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    world = World(sys.argv[1])
    try:
        world.enter()
        return 1 if run(world, chosen) else 0
    finally:
        world.leave()


sys.exit(main())
