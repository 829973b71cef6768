"""E18: a ledger that crashes before it reads, behind, after the entry, in mid-reply, that refuses or sends 503 in 3 % of
the requests: POSTs, POSTs with an idempotency key, GETs. How many entries are made twice, and what callers see."""
import lab

SIDES = ["ours", "naive", "envoy", "haproxy", "nginx"]
# The control repeats what fails twice, as a careless client does: 5xx and resets, whatever the method.
# Ours and the peers go without ejection, which would soon leave nothing to look at.
POLICIES = {
    "ours": "eject: none, retry: {idempotencyKey: idempotency-key}",
    "naive": "retry: {limit: 2, when: [unsent, reset, timeout, 5xx], methods: [GET, POST], "
             f"backoff: {{base: 1ms, max: 5ms}}, {lab.BOUNDLESS}}}, {lab.OFF}",
}
POST = ["--method", "POST", "--body", "entry"]
# What is sent, the ledger, and the share of the crashes that come behind the entry (the others are all alike).
KINDS = {
    "POST": (POST, "plain", 0),
    "POST, half crash after the commit": (POST, "plain", 0.5),
    "POST with a key": ([*POST, "--header", "idempotency-key: {n}"], "keys", 0),
    "GET": ([], "no", 0),
}


def run(figures, side, turn, short):
    requests, rate = (2000, 1000) if short else (20000, 2000)
    for kind, (more, ledger, committed) in KINDS.items():
        if side == "naive" and kind == "GET" or kind.endswith("key") and side != "ours":
            continue  # the peers know no keys
        if kind != "POST" and turn > 1 or "half" in kind and (short or side not in POLICIES):
            continue
        with lab.Lab() as bench:
            services = bench.services(2, "law constant 2ms", f"ledger {ledger}")
            services.say(f"port {lab.FIRST} crash 0.06 {committed}")  # 3 % of all, while both have their share
            if not bench.caller_side(side, lab.ports(2), POLICIES.get(side, ""), request=5, tries=2, eject=False):
                return
            load = bench.load(lab.OUTBOUND, rate, requests / rate, "--even", "--header", "x-id: {n}", "--seed", turn + 1,
                              "--patience", "6s", *more).wait()
            counts = services.counts()
            replayed = lab.metric("outrigger_retries_total", 'cause="unsent"') if side == "ours" else 0
        tell(figures.at(kind, side, turn), kind, side, load.result, counts, replayed)


def tell(figures, kind, side, result, counts, replayed):
    sent, good, outcomes = result["sent"], result["good"], result["outcomes"]
    figures.note("crashes", 100 * counts.sum("faults") / sent, "%")
    cut = outcomes.get("cut", 0)  # behind a head that had gone downstream: nobody can mend that
    if kind == "GET":
        figures.note("cut in the middle of an answer", 100 * cut / sent, "%")
        figures.at_least("good, of those not cut", 100 * good / (sent - cut), "%", 99.9)
        return
    if kind.endswith("key"):
        figures.at_least("good", 100 * good / sent, "%", 98.5)
    else:
        figures.note("good", 100 * good / sent, "%")
    figures.note("read twice", counts.sum("read_twice"), "")
    figures.at_most("carried out twice", counts.sum("duplicates"), "", 0)
    figures.note("carried out twice", 100 * counts.sum("duplicates") / sent, "%")
    if side == "ours":
        failed = sum(count for outcome, count in outcomes.items() if "connect-" in outcome or "no-endpoints" in outcome)
        figures.at_least("unsent ones carried out", 100 * replayed / max(1, replayed + failed), "%", 99)
