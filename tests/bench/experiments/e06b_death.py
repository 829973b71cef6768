"""E6b: one of two, one of three endpoints is killed under 500 GET/s (and 50 POST/s), 20 and 50 ms service time."""
import time

import lab

SIDES = ["ours", "naive", "envoy", "envoy-default", "haproxy", "haproxy-default", "nginx", "nginx-default"]
POLICIES = {"ours": "", "naive": f"retry: {{limit: 0}}, {lab.OFF}"}


def run(figures, side, turn, short):
    for endpoints in (2, 3):
        for delay in (50 if endpoints == 2 else 20,) if short or side not in POLICIES else (20, 50):
            with lab.Lab() as bench:
                services = bench.services(endpoints, f"law constant {delay}ms")
                if not bench.caller_side(side, lab.ports(endpoints), POLICIES.get(side, ""), request=2):
                    return
                seconds = 3.5 if short else 4
                gets = bench.load(lab.OUTBOUND, 500, seconds, "--seed", turn + 1)
                posts = bench.load(lab.OUTBOUND, 50, seconds, "--method", "POST", "--body", "abc", "--seed", turn + 1)
                time.sleep(2)
                services.say(f"port {lab.FIRST} kill")
                gets.wait()
                posts.wait()
                figures.at(f"1 of {endpoints}, {delay} ms", side, turn)
                figures.at_most("GETs that failed", gets.failed, "", 0)
                figures.note("POSTs that failed", posts.failed, "")
                figures.note("p99 of GETs", gets.result["p99"], "ms")
                if side == "ours":
                    transitions = lab.metric("outrigger_breaker_transitions_total")
                    figures.at_most("transitions of the breaker", transitions, "", 0)
