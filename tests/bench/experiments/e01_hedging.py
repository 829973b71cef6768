"""E1: 10 endpoints, lognormal with a median of 4 ms, 1,000 rps, one adds 500 ms to a tenth of its replies; what hedging
makes of the tail and what it costs. Then a loaded fleet becomes slower by half for 5 s: hedges must not bury it."""
import lab

# Envoy hedges at a fixed delay: one that an expert would choose, with a budget; and 10 ms without one.
SIDES = ["ours", "naive", "envoy-hedge", "envoy-fixed"]
POLICIES = {"ours": "eject: none, hedge: {percent: 2}", "naive": f"retry: {{limit: 0}}, {lab.OFF}"}
HEDGES = {"envoy-hedge": (0.012, "retry_budget: {budget_percent: {value: 2}, min_retry_concurrency: 3}"),
          "envoy-fixed": (0.010, "max_retries: 4096")}
LAW = "law lognormal 4ms 0.5"
SLOTS, SHARE, RATE_AT_FULL = 1, 0.57, 10 / 0.00453  # 10 endpoints with a slot each, 4.53 ms on average


def run(figures, side, turn, short):
    series = tail(figures, side, turn, short) if side != "envoy-fixed" else []
    if series is not None:
        slowdown(figures, side, turn, short)
    return series


def place(bench, side, balance):
    delay, hedges = HEDGES.get(side, (15, ""))
    return bench.caller_side(side, lab.ports(10), POLICIES.get(side, ""), balance=balance, request=15, attempt=delay,
                             template="envoy-hedge", HEDGES=hedges)


def tail(figures, side, turn, short):
    warm, measured = (3, 4) if short else (5, 12)
    with lab.Lab() as bench:
        services = bench.services(10, LAW)
        if not place(bench, side, "round-robin"):  # one that chooses would spare the late one
            return None
        services.say(f"port {lab.FIRST} extra 0.1 500ms")
        load = bench.load(lab.OUTBOUND, 1000, warm + measured, "--seed", turn)
        lab.until(lab.now() + warm)
        steady = lab.now()
        load.wait()
        attempts = services.counts().sum("begun")
    rows = load.between(steady, steady + measured + 1)
    figures.at("one of ten late", side, turn)
    figures.at_most("p99", lab.quantile(rows, 0.99), "ms", 18)
    figures.at_most("p99.9", lab.quantile(rows, 0.999), "ms", 22)
    figures.at_most("extra load", 100 * (attempts / load.result["sent"] - 1), "%", 2.2)
    return [(side, share, round(lab.quantile(rows, share / 100), 3))
            for share in (50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9)]


def slowdown(figures, side, turn, short):
    warm, slow, after = (3, 2, 2) if short else (5, 5, 4)
    rate = round(SHARE * RATE_AT_FULL)
    with lab.Lab() as bench:
        services = bench.services(10, LAW, f"slots {SLOTS}")
        place(bench, side, "least-request")
        load = bench.load(lab.OUTBOUND, rate, warm + slow + after, "--seed", turn, "--patience", "5s")
        lab.until(lab.now() + warm)
        slow_from = lab.now()
        services.each(lab.ports(10), "scale 1.45")
        lab.until(slow_from + slow)
        services.each(lab.ports(10), "scale 1")
        load.wait()
        attempts = services.counts().sum("begun")
    figures.at("57 % load, 5 s of 1.45 x the time", side, turn)
    figures.at_most("extra load", 100 * (attempts / load.result["sent"] - 1), "%", 2.2)
    usual = lab.quantile(load.between(slow_from - warm + 2, slow_from), 0.99)
    later = load.between(slow_from + slow + 1, slow_from + slow + after + 1)
    figures.at_most("p99 from 1 s after it on, of that before", lab.quantile(later, 0.99) / usual, "x", 1.1)
    figures.note("median from 1 s after it on", lab.quantile(later, 0.5), "ms")
    figures.at_most("requests that failed", load.failed, "", 0)


SERIES = ("e01_loopback_tail", ["side", "percentile", "ms"])
