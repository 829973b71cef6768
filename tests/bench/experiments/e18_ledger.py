"""E18: a ledger that crashes before it reads, behind, after the entry, in mid-reply, that refuses or sends 503 in 3 % of
the requests: POSTs, POSTs with an idempotency key, GETs. How many entries are made twice, and what callers see."""
import lab

SIDES = ["ours", "naive", "envoy", "haproxy", "nginx"]
# The control repeats what fails twice, as a careless client does: 5xx and resets, whatever the method.
POLICIES = {
    "ours": "retry: {idempotencyKey: idempotency-key}",
    "naive": "retry: {limit: 2, when: [unsent, reset, timeout, 5xx], methods: [GET, POST], "
             f"backoff: {{base: 1ms, max: 5ms}}, {lab.BOUNDLESS}}}, {lab.OFF}",
}
KINDS = {
    "POST": (["--method", "POST", "--body", "entry"], "plain"),
    "POST with keys": (["--method", "POST", "--body", "entry", "--header", "idempotency-key: {n}"], "keys"),
    "GET": ([], "no"),
}


def run(figures, side, turn, short):
    requests, rate = (2000, 1000) if short else (20000, 2000)
    for kind, (more, ledger) in KINDS.items():
        if kind != "POST" and (side == "naive" or turn > 1) or kind == "POST with keys" and side != "ours":
            continue  # the peers know no keys
        with lab.Lab() as bench:
            services = bench.services(3, "law constant 2ms", f"ledger {ledger}", "crash 0.03")
            # All endpoints fail alike: the peers get no ejection, with which they would throw out all of them.
            if not bench.caller_side(side, lab.ports(3), POLICIES.get(side, ""), request=5, tries=2, eject=False):
                return
            load = bench.load(lab.OUTBOUND, rate, requests / rate, "--even", "--header", "x-id: {n}", "--seed", turn + 1,
                              "--patience", "6s", *more).wait()
            counts = services.counts()
            replayed = lab.metric("outrigger_retries_total", 'cause="unsent"') if side == "ours" else 0
        sent, outcomes = load.result["sent"], load.result["outcomes"]
        cut = outcomes.get("cut", 0)  # behind a head that had gone downstream: nobody can mend that
        figures.at(kind, side, turn)
        if kind == "GET":
            figures.at_least("good, of those not cut in mid-reply", 100 * load.result["good"] / (sent - cut), "%", 99.9)
        else:
            figures.note("good, of those not cut in mid-reply", 100 * load.result["good"] / (sent - cut), "%")
            figures.at_most("entries made twice", counts.sum("duplicates"), "", 0)
        if kind == "POST" and side == "ours":
            failed = sum(count for outcome, count in outcomes.items() if "connect-" in outcome or "no-endpoints" in outcome)
            figures.at_least("unsent ones replayed", 100 * replayed / max(1, replayed + failed), "%", 99)
            figures.note("unsent ones", replayed + failed, "")
