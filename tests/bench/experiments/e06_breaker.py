"""E6: 200 GET/s; the one endpoint of an upstream answers 503, for 8 and 20 s; what still reaches it, and how soon all
flows again."""
import lab

SIDES = ["ours", "naive", "envoy", "haproxy", "nginx"]
POLICIES = {"ours": "timeout: {attempt: 100ms}", "naive": f"timeout: {{attempt: 100ms}}, retry: {{limit: 2, {lab.BOUNDLESS}}}, {lab.OFF}"}
SOON = 0.3  # the first opening lasts 0.4 s at least


def run(figures, side, turn, short):
    lengths = [3] if short else [8, 20] if side == "ours" and turn == 1 else [8]
    well = 4 if short else 11  # the breaker's window is over then
    with lab.Lab() as bench:
        services = bench.services(1, "law exponential 5ms")
        if not bench.caller_side(side, lab.ports(1), POLICIES.get(side, ""), request=2, attempt=0.1, tries=2):
            return None
        load = bench.load(lab.OUTBOUND, 200, 1 + sum(lengths) + well * (len(lengths) - 1) + 4.5, "--seed", turn + 1)
        begun, outages, openings = lab.now() + 1, [], 0
        for cycle, fails in enumerate(lengths):
            lab.until(begun + sum(lengths[:cycle]) + well * cycle)
            services.say(f"port {lab.FIRST} fault 1 unavailable")
            failing = lab.now()
            lab.until(failing + SOON)
            opened = openings_of(side)
            lab.until(failing + fails)
            openings += openings_of(side) - opened
            services.say(f"port {lab.FIRST} fault 0 unavailable")
            outages.append((failing, lab.now()))
        load.wait()
        counts = services.counts()
    figures.at("503", side, turn)
    met = [(arrived / 1e6, answered / 1e6) for arrived, answered in counts.ports[lab.FIRST]["met_us"]]
    trips = [trip(met, failing) for failing, _ in outages]
    figures.at_most("failures before it trips", max(failures for failures, _ in trips), "", 5)
    figures.at_most("time to trip", max(took for _, took in trips), "ms", 100)
    later = sum(failing + SOON <= arrived < well_from for arrived, _ in met for failing, well_from in outages)
    if side == "ours":
        figures.at_most("failed attempts per open period", later / max(1, openings), "", 1)
    figures.note("failed attempts in a second of an outage", len(met) / sum(lengths), "")
    recoveries = [recovery(load, well_from, 4) for _, well_from in outages]
    figures.at_most("full traffic after recovery", max(after for after, _ in recoveries), "s", 3)
    figures.at_most("half seconds with failures after that", sum(dips for _, dips in recoveries), "", 0)
    first = outages[0][0]
    return [(side, round(at / 10 - 1, 1), counts.arrivals(lab.FIRST, first - 1 + at / 10, first - 1 + (at + 1) / 10))
            for at in range(round((1 + lengths[0] + 4) * 10))]


def trip(met, failing):
    """Failures that were known when the last attempt of the beginning was let through, and one for that which closed the
    door; milliseconds from the first of them."""
    soon = [(arrived, answered) for arrived, answered in met if failing <= arrived < failing + SOON]
    if not soon:
        return 0, 0
    last = max(arrived for arrived, _ in soon)
    return 1 + sum(answered < last for _, answered in soon), 1000 * max(0, last - min(answered for _, answered in soon))


def openings_of(side):
    return lab.metric("outrigger_breaker_transitions_total", 'to="open"') if side == "ours" else 0


def recovery(load, since, well):
    """Seconds until the first half second without a failure, and how many halves behind it had one."""
    halves = [lab.success(load.between(since + at / 10, since + at / 10 + 0.5)) for at in range(int(well * 10) - 6)]
    first = next((at for at, share in enumerate(halves) if share == 100), len(halves))
    return first / 10, sum(share < 100 for share in halves[first::5])


SERIES = ("e06_loopback_attempts", ["side", "seconds", "attempts"])
