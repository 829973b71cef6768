"""E3: capacity 1,000 rps (10 slots of 10 ms, exponential, one queue, abandoned requests are worked on too), a stall of
3 s, a proxy on both ends; tries of 500 ms, three more of them, 2 s in all. Does the service recover, or do the retries of
its callers keep it down?"""
import threading

import lab

SIDES = ["ours", "naive", "envoy", "haproxy", "nginx"]
CALLER = {
    "ours": "timeout: {request: 2s, attempt: 500ms}, retry: {limit: 3}",
    "naive": f"timeout: {{request: 2s, attempt: 500ms}}, retry: {{limit: 3, {lab.BOUNDLESS}}}, {lab.OFF}",
}
GUARDED = "{extends: inbound, limits: {requests: 10, pending: 100, pendingTimeout: 100ms}}"
BEFORE, STALL = 2, 3


def run(figures, side, turn, short):
    if side == "ours":
        loads = (80,) if short else (50, 70, 80, 90, 95) if turn == 1 else (80,)
    else:
        loads = (80,)
    after = (31 if side == "naive" else 8) if not short else 4
    series = []
    for load in loads:
        rows = storm(figures, side, turn, load, after)
        if rows is None:
            return None
        series += rows if load == 80 else []
    return series


def storm(figures, side, turn, percent, after):
    with lab.Lab() as bench:
        services = bench.services(1, "law exponential 10ms", "slots 10")
        if side in CALLER:
            bench.outrigger(lab.INBOUND, lab.listeners(lab.INBOUND + 1, f'"127.0.0.1:{lab.INBOUND}"') +
                            f"app: {{port: {lab.FIRST}{', policy: guarded' if side == 'ours' else ''}}}\n"
                            f"policies: {{guarded: {GUARDED}}}\n")
            bench.caller_side(side, [lab.INBOUND], CALLER[side], upstream=", sidecar: true" if side == "ours" else "")
        elif not (bench.peer(f"{side}-inbound", lab.INBOUND, [lab.FIRST], attempt=0.5) and
                  bench.caller_side(side, [lab.INBOUND], request=2, attempt=0.5, tries=3, eject=False)):
            return None
        load = bench.load(lab.OUTBOUND, percent * 10, BEFORE + STALL + after, "--seed", turn, "--patience", "3s")
        began = lab.now()
        retries = Retries(began, BEFORE + STALL + after) if side in CALLER else None
        lab.until(began + BEFORE)
        services.say(f"port {lab.FIRST} stall {STALL}s")
        load.wait()
        arrived = services.counts()
    figures.at(f"{percent} % load", side, turn)
    over = BEFORE + STALL + 1
    seconds = [lab.success(load.between(load.began + at, load.began + at + 1)) for at in range(over, BEFORE + STALL + after)]
    if side == "naive":
        figures.note("good in the best second of the 30 s from 1 s after the stall", max(seconds), "%")
    figures.at_least("good in the worst second from 1 s after the stall", min(seconds), "%", 95)
    if retries is not None:
        figures.at_most("attempts for each request in the busiest second", retries.busiest(percent * 10), "x", 1.15)
    figures.note("reached the service in the busiest second, of the load",
                 max(arrived.arrivals(lab.FIRST, began + at, began + at + 1) for at in range(BEFORE + STALL + after)) / percent / 10, "x")
    rows = []
    for at in range(round((BEFORE + STALL + after) * 5)):
        sent = load.between(load.began + at / 5, load.began + (at + 1) / 5)
        rows.append((side, at / 5, len(sent), sum(row.good for row in sent)))
    return rows


class Retries:
    """What the caller's sidecar counts each second."""

    def __init__(self, began, seconds):
        self.counted = [0]
        self.thread = threading.Thread(target=self.watch, args=(began, seconds))
        self.thread.start()

    def watch(self, began, seconds):
        for second in range(1, seconds + 1):
            lab.until(began + second)
            self.counted.append(lab.metric("outrigger_retries_total"))

    def busiest(self, rate):
        self.thread.join()
        return 1 + max(late - soon for soon, late in zip(self.counted, self.counted[1:])) / rate


SERIES = ("e03_loopback_success", ["side", "seconds", "sent", "good"])
