#!/usr/bin/env python3
"""WebSocket: an echo through the proxy must be what the echo is without it, in every case of the Autobahn suite.

The cases come from the package `kosoku`, which runs Autobahn's own. Each is run against an echo server directly, through
the outbound side, and through two sidecars (outbound to inbound); what differs from the direct run is named.

usage: websocket.py [--cases GLOB,...] [--parallel N]
"""
import argparse
import asyncio
import collections
import pathlib
import subprocess
import sys

import rig

ECHO = rig.ORIGIN_PORT
VENV = rig.ROOT / "build/deps/websocket"
ONE = """version: 1
listen: {inbound: none, outbound: none, admin: none, telemetry: "127.0.0.1:@ADMIN@"}
upstreams: {echo: {endpoints: ["127.0.0.1:@TO@"], listen: "127.0.0.1:@PORT@"}}
"""
INBOUND = """version: 1
listen: {inbound: "127.0.0.1:@PORT@", outbound: none, admin: none, telemetry: "127.0.0.1:@ADMIN@"}
app: {port: @TO@}
"""


def require_packages():
    """Runs this script again inside a virtual environment that has what it needs."""
    if pathlib.Path(sys.prefix).resolve() == VENV.resolve():
        return
    python = VENV / "bin/python"
    if not python.exists():
        subprocess.check_call([sys.executable, "-m", "venv", str(VENV)])
    if subprocess.call([python, "-c", "import kosoku, websockets"], stderr=subprocess.DEVNULL) != 0:
        subprocess.check_call([python, "-m", "pip", "install", "-q", "kosoku==0.1.0", "websockets==15.0.1"])
    sys.exit(subprocess.call([python, __file__, *sys.argv[1:]]))


async def run(port, arguments):
    """Case id to (how the case went, how it was closed)."""
    import kosoku
    cases = arguments.cases.split(",") if arguments.cases else None
    try:
        results = await kosoku.run_fuzzingclient(f"ws://127.0.0.1:{port}", cases=cases, concurrency=arguments.parallel)
    except kosoku.FailureError as failure:
        results = failure.results
    return {result.case_id: (result.behavior.value, result.behavior_close.value) for result in results}


PASSES = {"OK", "NON-STRICT"}


def known_without_us(cases, direct, ours, arguments, most=5):
    """Those of `cases` that pass both ways, and without us go now and then as they went through us: where a frame that
    breaks the protocol follows a message, the server's echo races with its close. What fails is never among them."""
    asked = [case for case in cases if case in ours and {direct[case][0], ours[case][0]} <= PASSES]
    known = set()
    for _ in range(most):
        left = [case for case in asked if case not in known]
        if not left:
            break
        again = asyncio.run(run(ECHO, argparse.Namespace(cases=",".join(left), parallel=arguments.parallel)))
        known |= {case for case in left if again.get(case) == ours[case]}
    return sorted(known)


class Bench(rig.Rig):
    def sidecar(self, template, port, to):
        path = pathlib.Path(self.folder) / f"{port}.yaml"
        path.write_text(template.replace("@PORT@", str(port)).replace("@TO@", str(to)).replace("@ADMIN@", str(port + 500)))
        self.start(port, rig.PROXY_CPU, rig.outrigger_binary(), "run", "--workers", "1", "--config", str(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default="", help="globs such as 1.*; all, where nothing is said")
    parser.add_argument("--parallel", type=int, default=4)
    arguments = parser.parse_args()
    require_packages()
    with Bench() as bench:
        first = rig.FIRST_PORT
        bench.start(ECHO, rig.LOAD_CPU, sys.executable, str(rig.HERE / "websocket_echo.py"), str(ECHO))
        bench.sidecar(ONE, first, ECHO)
        bench.sidecar(INBOUND, first + 1, ECHO)
        bench.sidecar(ONE, first + 2, first + 1)
        direct = asyncio.run(run(ECHO, arguments))
        print(f"direct: {len(direct)} cases, {dict(collections.Counter(how for how, _ in direct.values()))}")
        broken = [case for case, (how, _) in direct.items() if how == "ERROR"]
        if broken:  # nothing can be compared with that
            sys.exit(f"the direct run did not reach the echo in {len(broken)} cases, {broken[0]} the first: run it again")
        differs = 0
        for name, port in (("through one sidecar", first), ("through two", first + 2)):
            ours = asyncio.run(run(port, arguments))
            others = [case for case in direct if ours.get(case) != direct[case]]
            varying = known_without_us(others, direct, ours, arguments)
            others = [case for case in others if case not in varying]
            differs += len(others)
            also = f" ({', '.join(varying)} not each time without it either)" if varying else ""
            print(f"{name}: {len(ours)} cases, {len(ours) - len(others)} as without it{also}")
            for case in others:
                print(f"  {case}: {ours.get(case)} instead of {direct[case]}")
    sys.exit(1 if differs else 0)


main()
