"""E17: one endpoint adds 500 ms to a tenth of its replies: how soon it is out, and the p99 behind it. Then the whole
fleet becomes 50 ms slower, which is nobody's fault."""
import lab

SIDES = ["ours", "naive", "envoy", "haproxy", "nginx"]
POLICIES = {"ours": "eject: {latency: auto}", "naive": f"retry: {{limit: 2}}, {lab.OFF}"}
LAW = "law lognormal 4ms 0.5"
SOON = {"round-robin": 3, "least-request": 6}


def run(figures, side, turn, short):
    series = []
    whole = side == "ours" and turn == 1 and not short
    for count in (10, 2, 3, 4) if whole else (10,):
        for balance, soon in SOON.items():
            if balance != "round-robin" and not (whole and count == 10):
                continue
            rate = 100 * count
            rows = one(figures, side, turn, count, balance, soon, rate, 4 if short else 12 if side == "ours" else 8)
            if rows is None:
                return None
            if count == 10 and balance == "round-robin":
                series = rows
    return series


def one(figures, side, turn, count, balance, soon, rate, well):
    case = f"1 of {count}, {balance}"
    watched = soon + 3.5
    step = 6 if count == 10 and well == 12 and turn == 1 else 0
    with lab.Lab() as bench:
        services = bench.services(count, LAW)
        if not bench.caller_side(side, lab.ports(count), POLICIES.get(side, ""), balance, request=5, tries=2):
            return None
        load = bench.load(lab.OUTBOUND, rate, well + watched + step, "--seed", turn)
        lab.until(lab.now() + well)
        services.say(f"port {lab.FIRST} extra 0.1 500ms")
        began = lab.now()
        watch = lab.Watch("outrigger_ejections_total", began + watched) if side == "ours" else None
        if step:
            lab.until(began + watched)
            services.say(f"port {lab.FIRST} extra 0 500ms")
            services.each(lab.ports(count), "extra 1 50ms")
        load.wait()
        counts = services.counts()
    figures.at(case, side, turn)
    slow, others = lab.FIRST, lab.ports(count)[1:]
    usual = lambda port: counts.arrivals(port, began - 3, began) / 3
    if watch is None:
        out = gone_after(counts, slow, began, watched, usual(slow))
    else:
        out = watch.first(began)
    # With least-request the slow one gets next to nothing anyway while its replies are under way.
    if side == "ours" or balance == "round-robin":
        figures.at_most("out", watched if out is None else out, "s", soon)
    baseline = lab.quantile(load.between(began - well + 2, began), 0.99)
    figures.note("p99 before", baseline, "ms")
    since = began + (out if out is not None else soon) + 2
    after = lab.quantile(load.between(since, began + watched), 0.99)
    figures.note("p99 from 2 s behind that", after, "ms")
    figures.at_most("p99, 2 s after that, over what it was", after / baseline, "times", 1.2)
    if step:
        lost = sum(gone_after(counts, port, began + watched, step, usual(port)) is not None for port in others)
        figures.at(f"{count} endpoints, all + 50 ms", side, turn).at_most("false ejections", lost, "", 1)
    # In seconds that end at each tenth; the slow ones are just 1 % of all, so p99 itself would be tossed up.
    return [(side, round(at / 10 - 3, 1),
             round(lab.quantile(load.between(began + at / 10 - 4, began + at / 10 - 3), 0.995), 2))
            for at in range(int((3 + watched) * 10) + 1)]


def gone_after(counts, port, began, watched, each):
    """Seconds until the first half second in which next to nothing reached the endpoint; None: never."""
    for step in range(round((watched - 0.5) * 10) + 1):
        if counts.arrivals(port, began + step / 10, began + step / 10 + 0.5) <= 0.1 * each * 0.5:
            return step / 10
    return None


SERIES = ("e17_loopback_tail", ["side", "seconds", "p99_5_ms"])
