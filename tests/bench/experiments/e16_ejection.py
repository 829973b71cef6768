"""E16: endpoints that fail more often than the others: how soon they are out, and whether a healthy one ever is."""
import lab

SIDES = ["ours", "naive", "envoy", "envoy-default", "haproxy", "nginx"]
POLICIES = {"ours": "", "naive": f"retry: {{limit: 2}}, {lab.OFF}"}
# endpoints, of which fail, requests a second to each, seconds that they are watched
CASES = {
    "4 of 12 fail 50 %, 1000 rps, round-robin": (12, 4, 1000 / 12, 3.5),
    "1 of 2 fails 50 %, 100 rps each": (2, 1, 100, 3.5),
    "1 of 3 fails 50 %, 100 rps each": (3, 1, 100, 3.5),
    "1 of 12 fails 50 %, 5 rps each": (12, 1, 5, 20),
}
BACKGROUND = 0.001  # of the requests to a healthy endpoint fail
GONE = 0.15         # of its share: less than that, and an endpoint counts as out


def run(figures, side, turn, short):
    for case, (count, failing, each, watched) in CASES.items():
        first = count == 12 and each > 10
        if not first and not (side == "ours" and turn == 1 and not short or count == 2 and side in (("ours",) if short else ("ours", "naive", "envoy"))):
            continue
        well = 4 if short else 6
        with lab.Lab() as bench:
            services = bench.services(count, "law constant 2ms", f"fault {BACKGROUND} unavailable")
            if not bench.caller_side(side, lab.ports(count), POLICIES.get(side, ""), request=5, tries=2):
                return
            load = bench.load(lab.OUTBOUND, count * each, well + watched, "--seed", turn)
            lab.until(lab.now() + well)
            services.each(lab.ports(count)[:failing], "fault 0.5 unavailable")
            began = lab.now()
            load.wait()
            counts = services.counts()
        figures.at(case, side, turn)
        bucket = 0.5 if each > 20 else 2
        healthy, bad = lab.ports(count)[failing:], lab.ports(count)[:failing]
        out = [gone_after(counts, port, began, watched, each, bucket) for port in bad]
        worst = max(after if after is not None else watched for after in out)
        figures.note("failing ones that were out", sum(after is not None for after in out), "")
        if each > 20:
            figures.at_most("all out", worst, "s", 1)
        else:
            figures.note("all out", worst, "s")
        lost = sum(gone_after(counts, port, began - well + 1, well - 1 + watched, each, 1 if each > 20 else 8) is not None
                   for port in healthy)
        figures.at_most("healthy ones out", lost, "", 0)
        later = load.between(began + 2, began + watched)
        figures.at_most("user errors after 2 s", 100 - lab.success(later), "%", 0.1)


def gone_after(counts, port, began, watched, each, bucket):
    """Seconds until the first `bucket` in which next to nothing reached the endpoint; None: never."""
    step = 0
    while step * 0.1 + bucket <= watched + 0.05:
        if counts.arrivals(port, began + step * 0.1, began + step * 0.1 + bucket) <= GONE * each * bucket:
            return step * 0.1
        step += 1
    return None
