#!/usr/bin/env python3
"""Memory of a sidecar that waits: the process alone, and with idle keep-alive connections."""
import argparse
import resource

import rig


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, nargs="*", default=[1000, 4000, 10000])
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    for count in arguments.connections:
        with rig.Rig() as bench:
            bench.origin()
            pid = bench.outrigger(rig.FIRST_PORT)
            alone = rig.memory_kib(pid)
            resident = rig.memory_kib(pid, "Rss")
            connections = rig.open_idle(rig.FIRST_PORT, count)
            loaded = rig.memory_kib(pid)
            print(f"{count:6} connections: {loaded - alone:7} KiB, {(loaded - alone) / count:5.2f} KiB each; "
                  f"alone: {alone / 1024:.1f} MiB (RSS {resident / 1024:.1f} MiB)")
            for connection in connections:
                connection.close()


main()
