"""E6: 200 GET/s; one upstream fails wholly, for 8, 20 and 8 s; what still reaches it, and how soon all flows again."""
import time

import lab

SIDES = ["ours", "naive", "envoy", "haproxy", "nginx"]
POLICIES = {"ours": "", "naive": f"retry: {{limit: 2, {lab.BOUNDLESS}}}, {lab.OFF}"}
CASE = "200 rps, all endpoints answer 503"


def run(figures, side, turn, short):
    well, lengths = 4, [4] if short else [8, 20, 8] if side == "ours" else [8]
    with lab.Lab() as bench:
        services = bench.services(2, "law constant 5ms")
        if not bench.caller_side(side, lab.ports(2), POLICIES.get(side, ""), request=2, tries=2):
            return
        load = bench.load(lab.OUTBOUND, 200, 1 + sum(lengths) + well * len(lengths) + 0.5, "--seed", turn + 1)
        begun, marks = time.monotonic() + 1, []
        openings = 0
        for cycle, fails in enumerate(lengths):
            lab.until(begun + sum(lengths[:cycle]) + well * cycle)
            services.each(lab.ports(2), "fault 1 unavailable")
            failing, before = time.monotonic(), attempts(services)
            lab.until(failing + 0.3)
            first = attempts(services) - before
            opened = openings_of(side)
            lab.until(failing + fails)
            later = attempts(services) - before - first
            openings += openings_of(side) - opened
            services.each(lab.ports(2), "fault 0 unavailable")
            marks.append((failing, time.monotonic(), first, later))
        load.wait()
        counts = services.counts()
    figures.at(CASE, side, turn)
    figures.at_most("attempts in the first 300 ms", max(first for _, _, first, _ in marks), "", 5)
    later = sum(later for *_, later in marks)
    figures.note("attempts a second after that", later / (sum(lengths) - 0.3 * len(lengths)), "")
    if side == "ours":
        figures.at_most("attempts for each open period", later / max(1, openings), "", 1)
    recoveries = [recovery(load, well_from, well) for _, well_from, _, _ in marks]
    figures.at_most("from recovery to full traffic", max(after for after, _ in recoveries), "s", 3)
    figures.at_most("dips after that", sum(dips for _, dips in recoveries), "", 0)
    failing = marks[0][0]
    return [(side, round(at * 0.1 - 1, 1),
             sum(counts.arrivals(port, failing - 1 + at * 0.1, failing - 1 + (at + 1) * 0.1) for port in lab.ports(2)))
            for at in range(round((1 + lengths[0] + well) / 0.1))]


def attempts(services):
    return services.counts().sum("begun")


def openings_of(side):
    return lab.metric("outrigger_breaker_transitions_total", 'to="open"') if side == "ours" else 0


def recovery(load, since, well):
    """Seconds until the first half second without a failure, and how many halves behind it had one."""
    halves = [lab.success(load.between(since + at / 10, since + at / 10 + 0.5)) for at in range(int(well * 10) - 6)]
    first = next((at for at, share in enumerate(halves) if share == 100), len(halves))
    return first / 10, sum(share < 100 for share in halves[first::5])


SERIES = ("e06_loopback_attempts", ["side", "seconds", "attempts"])
