"""E2: client, A, B, C, a sidecar at each hop, the apps send `x-request-id` on; 200 ms in all, and C needs a second for 30 %
of its answers. Is anything asked when nobody waits any more, and how soon does C hear that its caller has left?"""
import lab

SIDES = ["ours", "naive"]  # naive: no sidecars, apps that do not look whether their callers still wait
A, B, C = lab.ports(3)
SIDECARS = {"a": lab.INBOUND, "b": lab.INBOUND + 2, "c": lab.INBOUND + 4}  # inbound; outbound is one above
POLICY = "policies: {p: {retry: {limit: 0}}}\n"


def run(figures, side, turn, short):
    seconds, rate = (4, 100) if short else (10, 200)
    with lab.Lab() as bench:
        services = bench.services(3, "law constant 5ms")
        services.each([C], "extra 0.3 1s", "notices yes", "deadline 200ms")
        if side == "ours":
            chain(bench)
            services.say(f"port {A} call 127.0.0.1:{SIDECARS['a'] + 1} b", f"port {B} call 127.0.0.1:{SIDECARS['b'] + 1} c")
            door = lab.OUTBOUND
        else:
            services.say(f"port {A} call 127.0.0.1:{B} b", f"port {B} call 127.0.0.1:{C} c")
            door = A
        # The client says how long it will wait; without sidecars all that it can do is leave.
        waits = ["--header", "outrigger-timeout-ms: 200"] if side == "ours" else ["--patience", "200ms"]
        load = bench.load(door, rate, seconds, "--host", "a", "--seed", turn, "--header", "x-request-id: r{n}", "--header",
                          "x-sent: {sent}", *waits).wait()
        lab.until(lab.now() + 1.5)  # what C still works on
        counts = services.counts().ports[C]
        transitions = sum(lab.metric("outrigger_breaker_transitions_total", port=port)
                          for port in (lab.OUTBOUND, *(one + 1 for one in SIDECARS.values()))) if side == "ours" else 0
    figures.at("a deadline of 200 ms" if side == "ours" else "leaves after 200 ms, no sidecars", side, turn)
    figures.note("clients who were answered in time", lab.success(load.rows), "%")
    figures.at_most("attempts sent after the client has gone", counts["late"], "", 0)
    left = sorted(counts["left_after_ms"])
    figures.note("clients that leave while C works", len(left), "")
    if left:
        figures.at_most("until C hears of it, p99", left[min(len(left) - 1, int(0.99 * len(left)))], "ms", 5)
    figures.note("requests that C works on in vain", 100 * counts["departed"] / counts["begun"], "%")
    figures.at_most("work of C for who has gone", 100 * counts["wasted_ms"] / counts["worked_ms"], "%", 1)
    if side == "ours":
        figures.at_most("transitions of breakers", transitions, "", 0)


def chain(bench):
    for (name, inbound), app, follower in zip(SIDECARS.items(), (A, B, C), ("b", "c", None)):
        upstream = f"upstreams: {{{follower}: {{endpoints: ['127.0.0.1:{SIDECARS[follower]}'], sidecar: true, policy: p}}}}\n" if follower else ""
        bench.outrigger(inbound + 1, lab.listeners(inbound + 1, f'"127.0.0.1:{inbound}"') + f"app: {{port: {app}}}\n" + POLICY + upstream)
    bench.outrigger(lab.OUTBOUND, lab.listeners(lab.OUTBOUND) +
                    f"{POLICY}upstreams: {{a: {{endpoints: ['127.0.0.1:{SIDECARS['a']}'], sidecar: true, policy: p}}}}\n")
