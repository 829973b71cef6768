#!/usr/bin/env python3
"""Makes the dashboards of helm/outrigger/dashboards: Service, Resilience and Sidecar.

usage: dashboards.py [--check]     --check: write nothing, fail where a file is not what this makes

A panel is one call: title, unit, what it tells, and its expressions with their legends. Places, ids and colours come by
themselves. `tests/helm/dashboards_test.py` looks at the outcome, `./dev bench scrape` asks a real Prometheus for each expression.
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "outrigger/dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24

POD = 'namespace=~"$namespace",pod=~"$pod"'
UPSTREAM = POD + ',upstream=~"$upstream"'
ROUTE = UPSTREAM + ',route=~"$route"'
# What callers see as failed: as helm/outrigger/rules/recording.yaml has it.
CUT = "upstream-reset|upstream-malformed|attempt-timeout|request-timeout|deadline-exceeded|idle-timeout"
# Answers that we have made in the upstream's stead, to save it or ourselves.
REFUSED = "no-endpoints|breaker-open|limit-connections|limit-requests|limit-pending|pending-timeout|rate-limited|shed"

GREEN, YELLOW, ORANGE, RED, BLUE, PURPLE, GREY = "green", "yellow", "orange", "red", "blue", "purple", "#8e8e8e"
# One colour for a word wherever it stands.
COLOURS = {
    "healthy": GREEN, "returning": YELLOW, "ejected": RED, "unhealthy": ORANGE, "draining": BLUE,
    "ok": GREEN, "failed": RED, "timeout": ORANGE, "status": YELLOW, "reset": PURPLE, "connect": RED, "cancelled": GREY,
    "applied": GREEN, "unchanged": GREY, "rejected": RED, "closed": GREEN, "half-open": YELLOW, "open": RED,
    "inbound": BLUE, "outbound": PURPLE, "active": BLUE, "idle": GREY, "full": BLUE, "resumed": GREEN,
    "won": GREEN, "lost": GREY, "exported": GREEN, "dropped": RED, "refused": ORANGE,
}
# Which of them a legend that ends in this label can end in, by metric where the label alone does not tell.
WORDS = [
    ("outrigger_endpoints", "state", "healthy returning ejected unhealthy draining"),
    ("_connections", "state", "active idle"),
    ("outrigger_attempts", "result", "ok status timeout reset connect cancelled"),
    ("outrigger_upstream_connects", "result", "ok failed timeout"),
    ("outrigger_tls_handshakes", "result", "full resumed failed"),
    ("_reloads", "result", "applied unchanged rejected"),
    ("outrigger_discovery_updates", "result", "applied unchanged failed"),
    ("outrigger_hedges", "result", "won lost"),
    ("outrigger_spans", "result", "exported dropped refused"),
    ("", "to", "closed half-open open"),
    ("", "direction", "inbound outbound"),
]
BREAKER = {"0": ("closed", GREEN), "1": ("half-open", YELLOW), "2": ("open", RED)}
CONFIG = {"0": ("newest rejected", RED), "1": ("newest in effect", GREEN)}


def rate(metric, selector=UPSTREAM, more=""):
    return f"rate({metric}{{{selector}{',' + more if more else ''}}}[$__rate_interval])"


def total(metric, by, selector=UPSTREAM, more=""):
    return f"sum by ({by}) ({rate(metric, selector, more)})"


def errors(by, selector=ROUTE):
    """The share of failed requests; 0 where there were requests and none failed."""
    requests = "outrigger_requests_total"
    failed = " or ".join([rate(requests, selector, 'code=~"5.."'), rate(requests, selector, f'code!~"5..",reason=~"{CUT}"'),
                          rate("outrigger_grpc_responses_total", selector,
                               'grpc_status=~"UNKNOWN|DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|DATA_LOSS"')])
    every = total(requests, by, selector)
    return f"clamp_max((sum by ({by}) ({failed}) or 0 * {every}) / {every}, 1)"


def quantile(q, metric, by, selector=ROUTE):
    group = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({group}) ({rate(metric + '_bucket', selector)}))"


def ours(expression):
    """Of metrics that other programs have as well: only where an Outrigger is."""
    return f"{expression} and on (instance, job) outrigger_build_info{{{POD}}}"


class Board:
    def __init__(self, name, title, description, variables):
        self.panels, self.x, self.y, self.line = [], 0, 0, 0
        self.json = {
            "uid": f"outrigger-{name}", "title": title, "description": description, "tags": ["outrigger"], "editable": True,
            "schemaVersion": 39, "version": 1, "refresh": "30s", "timezone": "", "graphTooltip": 1,
            "time": {"from": "now-1h", "to": "now"},
            "links": [{"type": "dashboards", "title": "Outrigger", "tags": ["outrigger"], "asDropdown": True,
                       "includeVars": True, "keepTime": True, "icon": "external link", "targetBlank": False}],
            "annotations": {"list": [{
                "name": "Config applied", "enable": True, "hide": False, "iconColor": BLUE, "datasource": SOURCE,
                "expr": f"changes(outrigger_config_last_reload_success_timestamp_seconds{{{POD}}}[$__rate_interval]) > 0",
                "titleFormat": "config applied", "textFormat": "{{pod}}"}]},
            "templating": {"list": [variable(*one) for one in variables]},
            "panels": self.panels,
        }

    def row(self, title):
        self.y, self.x, self.line = self.y + self.line, 0, 1
        self._put({"type": "row", "title": title, "collapsed": False, "panels": []}, COLUMNS, 1)

    def panel(self, title, unit, description, *targets, kind="timeseries", width=8, height=8, **more):
        """`targets`: (expression, legend)."""
        shown = {"type": kind, "title": title, "description": description, "datasource": SOURCE,
                 "targets": [target(i, *one, kind) for i, one in enumerate(targets)],
                 "fieldConfig": {"defaults": defaults(kind, unit, more),
                                 "overrides": [] if kind == "stat" or len(targets) > 1 else colours(*targets[0])},
                 "options": options(kind)}
        self._put(shown, width, height)

    def _put(self, shown, width, height):
        if self.x + width > COLUMNS:
            self.y, self.x, self.line = self.y + self.line, 0, 0
        shown["id"] = len(self.panels) + 1
        shown["gridPos"] = {"x": self.x, "y": self.y, "w": width, "h": height}
        self.x, self.line = self.x + width, max(self.line, height)
        self.panels.append(shown)

    def text(self):
        return json.dumps(self.json, indent=1, ensure_ascii=False) + "\n"


def variable(name, label, metric, label_name):
    if name == "datasource":
        return {"name": name, "label": label, "type": "datasource", "query": "prometheus", "current": {}, "hide": 0,
                "refresh": 1, "regex": "", "multi": False, "includeAll": False, "options": []}
    query = f"label_values({metric}, {label_name})"
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE, "definition": query,
            "query": {"query": query, "refId": name}, "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
            "hide": 0, "refresh": 2, "regex": "", "sort": 1, "multi": True, "includeAll": True, "allValue": ".*", "options": []}


def target(index, expression, legend, kind):
    instant = kind in ("stat", "table", "bargauge")
    return {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expression, "legendFormat": legend,
            "editorMode": "code", "instant": instant, "range": not instant,
            "format": "table" if kind == "table" else "time_series"}


def defaults(kind, unit, more):
    steps = [{"color": colour, "value": value} for value, colour in more.get("steps", [(None, GREEN)])]
    found = {"unit": unit, "color": {"mode": "thresholds" if kind == "stat" else "palette-classic"}, "mappings": [],
             "thresholds": {"mode": "absolute", "steps": steps}}
    if kind == "timeseries":
        found["custom"] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 25 if more.get("stack") else 8,
                           "showPoints": "never", "spanNulls": False, "lineInterpolation": "linear",
                           "stacking": {"mode": "normal" if more.get("stack") else "none", "group": "A"},
                           "thresholdsStyle": {"mode": "line" if more.get("limit") else "off"}}
        found["min"] = 0
    if kind == "state-timeline":
        found["custom"] = {"fillOpacity": 80, "lineWidth": 0}
        found["color"] = {"mode": "thresholds"}
    if "words" in more:
        found["mappings"] = [{"type": "value", "options": {value: {"text": text, "color": colour, "index": i}
                                                           for i, (value, (text, colour)) in enumerate(more["words"].items())}}]
    for key in ("max", "decimals", "noValue"):
        if key in more:
            found[key] = more[key]
    return found


def colours(expression, legend):
    """Each word that the legend can end in, in its colour."""
    words = next((words.split() for metric, label, words in WORDS if metric in expression and legend.endswith("{{" + label + "}}")), [])
    return [{"matcher": {"id": "byRegexp", "options": f"/(^| ){word}$/"},
             "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": COLOURS[word]}}]} for word in words]


def options(kind):
    legend = {"displayMode": "table", "placement": "bottom", "showLegend": True, "calcs": ["lastNotNull", "max"]}
    return {
        "timeseries": {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}},
        "state-timeline": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}, "mergeValues": True,
                           "showValue": "never", "rowHeight": 0.8, "tooltip": {"mode": "single"}},
        "stat": {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value",
                 "graphMode": "area", "justifyMode": "auto", "orientation": "auto", "textMode": "value_and_name"},
        "bargauge": {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "displayMode": "basic",
                     "orientation": "horizontal", "showUnfilled": True},
        "table": {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}},
    }[kind]


DATASOURCE = ("datasource", "Data source", "", "")
NAMESPACE = ("namespace", "Namespace", "outrigger_build_info", "namespace")
PODS = ("pod", "Pod", 'outrigger_build_info{namespace=~"$namespace"}', "pod")
ROUTES = ("route", "Route", f"outrigger_requests_total{{{POD}}}", "route")
UPSTREAMS = ("upstream", "Upstream", f"outrigger_requests_total{{{POD}}}", "upstream")


def service():
    board = Board("service", "Outrigger / Service", "What callers get: rate, errors and time, by route and by upstream.",
                  [DATASOURCE, NAMESPACE, PODS, ROUTES, UPSTREAMS])
    requests, took = "outrigger_requests_total", "outrigger_request_duration_seconds"
    bad = [(None, GREEN), (0.001, YELLOW), (0.01, RED)]
    board.row("At a glance")
    board.panel("Requests", "reqps", "Requests a second that have ended, to this app (inbound) and from it (outbound).",
                (total(requests, "direction", ROUTE), "{{direction}}"), kind="stat", width=6, height=5)
    board.panel("Failed", "percentunit", "Share of requests whose callers saw 5xx, an answer that was cut, or a gRPC status that "
                "is the server's fault.", (errors("direction"), "{{direction}}"), kind="stat", width=6, height=5, steps=bad)
    board.panel("Slowest hundredth (p99)", "s", "Time from the first octet of a request to the last of its answer: 99 of 100 are "
                "quicker.", (quantile(0.99, took, "direction"), "{{direction}}"), kind="stat", width=6, height=5,
                steps=[(None, GREEN), (0.5, YELLOW), (2, RED)])
    board.panel("In flight", "short", "Requests that were given to an upstream and have not ended.",
                (f"sum by (direction) (outrigger_requests_in_flight{{{UPSTREAM}}})", "{{direction}}"), kind="stat", width=6,
                height=5, steps=[(None, BLUE)])
    for by, empty in (("route", "a request that no route matched has an empty name"),
                      ("upstream", "`app` is what this pod serves itself")):
        board.row(f"By {by}")
        legend = "{{direction}} {{" + by + "}}"
        board.panel(f"Requests by {by}", "reqps", f"Requests a second; {empty}.",
                    (total(requests, f"direction, {by}", ROUTE), legend), stack=True)
        board.panel(f"Failed by {by}", "percentunit", "Share of requests that failed in their callers' eyes.",
                    (errors(f"direction, {by}"), legend), steps=bad)
        board.panel(f"p95 by {by}", "s", "Time of a request: 19 of 20 are quicker. Points with a trace are exemplars, where "
                    "Prometheus keeps them.", (quantile(0.95, took, f"direction, {by}"), legend))
    board.row("What the time and the errors are made of")
    board.panel("p50, p95, p99", "s", "Time of all requests, retries and their waits included.",
                *((quantile(q, took, "direction"), f"p{round(q * 100)} {{{{direction}}}}") for q in (0.5, 0.95, 0.99)))
    board.panel("Not answered well, by reason", "reqps", "Requests that ended for another reason than an answer of the upstream. "
                "The words are those of the access log and of `outrigger why`.",
                (total(requests, "reason", ROUTE, 'reason!="ok"'), "{{reason}}"), stack=True)
    board.panel("By status", "reqps", "Requests by the status that their callers got.",
                (total(requests, "code", ROUTE), "{{code}}"), stack=True)
    board.panel("gRPC by status", "reqps", "gRPC calls by how they ended, whatever their HTTP status was.",
                (total("outrigger_grpc_responses_total", "grpc_status", ROUTE), "{{grpc_status}}"), stack=True)
    board.panel("Error budget: burn rate", "short", "How many times faster errors come than the objective allows: at 1 the month's "
                "budget lasts the month, above 14.4 somebody is woken. Made by the recording rules; not narrowed by pod and route.",
                *((f'namespace_direction_upstream:outrigger_errors:ratio_rate{window}'
                   '{namespace=~"$namespace",upstream=~"$upstream"} / on () group_left () (1 - outrigger:slo_objective:ratio)',
                   f"{window} {{{{direction}}}} {{{{upstream}}}}") for window in ("5m", "1h")),
                limit=True, steps=[(None, GREEN), (1, YELLOW), (14.4, RED)])
    board.panel("In flight by upstream", "short", "Requests that were given to an upstream and have not ended.",
                (f"sum by (direction, upstream) (outrigger_requests_in_flight{{{UPSTREAM}}})", "{{direction}} {{upstream}}"))
    board.row("TCP")
    board.panel("TCP bytes", "Bps", "Octets a second of connections that are passed on as they are, to the upstream (sent) and "
                "from it (received).", (total("outrigger_tcp_bytes_total", "upstream, way"), "{{upstream}} {{way}}"))
    board.panel("Open TCP connections", "short", "Connections that are passed on as they are.",
                (f"sum by (direction, upstream) (outrigger_tcp_open_connections{{{UPSTREAM}}})", "{{direction}} {{upstream}}"))
    board.panel("Ended TCP connections by reason", "cps", "Connections a second that have ended, by why.",
                (total("outrigger_tcp_connections_total", "reason"), "{{reason}}"), stack=True)
    return board


def resilience():
    board = Board("resilience", "Outrigger / Resilience", "What the policies do: retries and their budget, breakers, endpoints "
                  "out of use, refusals.", [DATASOURCE, NAMESPACE, PODS, UPSTREAMS])
    requests = "outrigger_requests_total"
    given = total(requests, "upstream", UPSTREAM, 'upstream!=""')
    board.row("Breakers")
    board.panel("Breakers over time", "short", "State of the breaker of each pod for each upstream, as the worker sees it that has "
                "it worst. Open: the sidecar answers 503 itself; half-open: it probes.",
                (f"max by (pod, upstream) (outrigger_breaker_state{{{UPSTREAM}}})", "{{upstream}} {{pod}}"),
                kind="state-timeline", width=16, height=8, words=BREAKER, steps=[(None, GREEN), (1, YELLOW), (2, RED)])
    board.panel("Changes of breakers", "cps", "Changes of state a second, by the new state. Many openings in a row: an upstream "
                "that answers probes and fails under load.",
                (total("outrigger_breaker_transitions_total", "upstream, to"), "{{upstream}} {{to}}"), width=8)
    board.row("Retries")
    board.panel("Amplification", "short", "Attempts for each request. 1 is a quiet day; the budget holds it near 1.1 while an "
                "upstream fails. Requests that the breaker refuses have no attempt and pull it below 1.",
                (f"{total('outrigger_attempts_total', 'upstream')} / ({given} > 0)", "{{upstream}}"), limit=True,
                steps=[(None, GREEN), (1.05, YELLOW), (1.15, RED)])
    board.panel("Retries' share of the load", "percentunit", "What the budget looks at: retries for each request. At its limit "
                "further ones are refused.", (f"{total('outrigger_retries_total', 'upstream')} / ({given} > 0)", "{{upstream}}"))
    board.panel("Refused for the budget", "reqps", "Further tries a second that the budget did not allow. Callers see those "
                "failures.", (total("outrigger_retries_refused_total", "upstream", UPSTREAM, 'why="budget"'), "{{upstream}}"))
    board.panel("Retries by cause", "reqps", "Further tries a second, by what the one before came to.",
                (total("outrigger_retries_total", "upstream, cause"), "{{upstream}} {{cause}}"), stack=True)
    board.panel("Retries refused, by why", "reqps", "Further tries that were not made: their limit, the budget, a method or a body "
                "that may not be repeated, the deadline, an open breaker, or the upstream's wish.",
                (total("outrigger_retries_refused_total", "upstream, why"), "{{upstream}} {{why}}"), stack=True)
    board.panel("Attempts by result", "reqps", "Tries at endpoints a second, by how they ended.",
                (total("outrigger_attempts_total", "result"), "{{result}}"), stack=True)
    board.row("Endpoints")
    board.panel("Endpoints by state", "short", "As the pod sees them that has the most of them out of use.",
                (f"max by (upstream, state) (outrigger_endpoints{{{UPSTREAM}}})", "{{upstream}} {{state}}"))
    board.panel("Ejected endpoints", "short", "Endpoints that are out of use for a while, by upstream: in the pod with the most.",
                (f'max by (upstream) (outrigger_endpoints{{{UPSTREAM},state="ejected"}})', "{{upstream}}"))
    board.panel("Ejections by cause", "cps", "Endpoints taken out of use a second: for errors in a row, for more errors or more "
                "time than the others have, or by a health check.",
                (total("outrigger_ejections_total", "upstream, cause"), "{{upstream}} {{cause}}"))
    board.panel("Connects by result", "cps", "Connections to endpoints begun a second, by what came of them.",
                (total("outrigger_upstream_connects_total", "upstream, result"), "{{upstream}} {{result}}"))
    board.panel("Connections to endpoints", "short", "Open connections, by whether they serve a request.",
                (f"sum by (upstream, state) (outrigger_upstream_connections{{{UPSTREAM}}})", "{{upstream}} {{state}}"))
    board.panel("Hedges", "reqps", "Second attempts beside a slow one, by whether they answered first.",
                (total("outrigger_hedges_total", "upstream, result"), "{{upstream}} {{result}}"))
    board.row("Refusals, and what only would have been")
    board.panel("Refused by the sidecar, by reason", "reqps", "Requests that were answered in the upstream's stead, to save it or "
                "this pod.", (total(requests, "upstream, reason", UPSTREAM, f'reason=~"{REFUSED}"'), "{{upstream}} {{reason}}"),
                stack=True)
    board.panel("Limits reached", "reqps", "Requests that were refused because an upstream's limit was reached, by limit.",
                (total("outrigger_limit_rejections_total", "upstream, limit"), "{{upstream}} {{limit}}"), stack=True)
    board.panel("Would have been done", "reqps", "Decisions that were not carried out, for the policy only observes (mode observe): "
                "what enforcing it would change.", (total("outrigger_would_total", "upstream, action"), "{{upstream}} {{action}}"),
                stack=True)
    return board


def sidecar():
    board = Board("sidecar", "Outrigger / Sidecar", "How the sidecars themselves are: config, threads, CPU, memory, connections, "
                  "certificates.", [DATASOURCE, NAMESPACE, PODS])
    cpu = ours(f"rate(process_cpu_seconds_total{{{POD}}}[$__rate_interval])")
    requests = total("outrigger_requests_total", "pod", POD)
    board.row("Config and versions")
    board.panel("Config over time", "short", "Whether the newest version of the config file is the one in effect. Rejected: the pod "
                "goes on with the one before; the page and `outrigger status` name the line.",
                (f"min by (pod) (outrigger_config_last_reload_successful{{{POD}}})", "{{pod}}"), kind="state-timeline", words=CONFIG,
                steps=[(None, RED), (1, GREEN)])
    board.panel("Looks at the config", "cps", "Looks at the config file a second, by what came of them.",
                (total("outrigger_config_reloads_total", "result", POD), "{{result}}"))
    board.panel("Age of the config", "s", "Since the config in effect was brought into effect.",
                (f"time() - max by (pod) (outrigger_config_last_reload_success_timestamp_seconds{{{POD}}})", "{{pod}}"))
    board.panel("Configs in effect", "short", "Pods by the first digits of their config's SHA-256. More than one that stays: a "
                "rollout that does not reach all.", (f"count by (hash) (outrigger_config_info{{{POD}}})", "{{hash}}"),
                kind="bargauge", height=6)
    board.panel("Versions", "short", "Pods by the program's version.",
                (f"count by (version) (outrigger_build_info{{{POD}}})", "{{version}}"), kind="bargauge", height=6)
    board.panel("Uptime", "s", "Since the process started.",
                (ours(f"time() - process_start_time_seconds{{{POD}}}"), "{{pod}}"), height=6)
    board.row("Threads, CPU and memory")
    board.panel("Loop lag (p99)", "s", "How late timers of the workers' loops are. Above 200 ms the pod gets too little CPU.",
                (quantile(0.99, "outrigger_eventloop_lag_seconds", "pod", POD), "{{pod}}"), limit=True,
                steps=[(None, GREEN), (0.2, RED)])
    board.panel("CPU per 1,000 requests/s", "short", "Cores that a thousand requests a second take, in all this pod does.",
                (f"sum by (pod) ({cpu}) / ({requests} / 1000 > 0)", "{{pod}}"), decimals=3)
    board.panel("CPU", "short", "Cores that the process uses, user and system.", (f"sum by (pod) ({cpu})", "{{pod}}"), decimals=3)
    board.panel("Memory", "bytes", "Memory of the process that is resident.",
                (ours(f"process_resident_memory_bytes{{{POD}}}"), "{{pod}}"))
    board.panel("Descriptors", "percentunit", "Share of the file descriptors that may be open.",
                (ours(f"process_open_fds{{{POD}}} / process_max_fds{{{POD}}}"), "{{pod}}"), limit=True,
                steps=[(None, GREEN), (0.8, RED)])
    board.panel("Draining", "short", "Pods that take their leave.", (f"sum by (namespace) (outrigger_draining{{{POD}}})", "{{namespace}}"))
    board.row("Connections")
    board.panel("Callers' connections", "short", "Open connections of callers.",
                (f"sum by (direction) (outrigger_downstream_connections{{{POD}}})", "{{direction}}"))
    board.panel("Connections to endpoints", "short", "Open connections, by whether they serve a request.",
                (f"sum by (state) (outrigger_upstream_connections{{{POD}}})", "{{state}}"))
    board.panel("TLS handshakes", "cps", "Handshakes a second with callers (downstream) and endpoints (upstream), by how they ended.",
                (total("outrigger_tls_handshakes_total", "side, result", POD), "{{side}} {{result}}"))
    board.row("Certificates and discovery")
    board.panel("Certificates end in", "s", "Time that is left to the certificates in use. A new file is taken up without a restart.",
                (f"min by (pod, name) (outrigger_certificate_expiry_timestamp_seconds{{{POD}}}) - time()", "{{pod}} {{name}}"),
                limit=True, steps=[(None, RED), (604800, GREEN)])
    board.panel("Age of what discovery knows", "s", "Since the endpoints of an upstream that are looked up were confirmed.",
                (f"max by (upstream) (outrigger_discovery_age_seconds{{{POD}}})", "{{upstream}}"))
    board.panel("Looks at endpoints", "cps", "What came of looking up an upstream's endpoints: others, the same, or trouble.",
                (total("outrigger_discovery_updates_total", "result", POD), "{{result}}"))
    board.row("What is lost")
    board.panel("Log lines lost", "cps", "Lines a second that whoever reads stdout (access) or stderr (process) was too slow for. "
                "The traffic does not wait for them.", (total("outrigger_log_lines_dropped_total", "stream", POD), "{{stream}}"))
    board.panel("Spans", "cps", "Spans of traces a second: exported; dropped, for a queue was full; refused by the collector.",
                (total("outrigger_spans_total", "result", POD), "{{result}}"))
    board.panel("Series without room", "short", "Routes and upstreams that are counted under `other`, for `metrics.maxSeries` is "
                "reached.", (f"max by (pod) (outrigger_series_dropped{{{POD}}})", "{{pod}}"), limit=True,
                steps=[(None, GREEN), (1, RED)])
    return board


BOARDS = {"service": service, "resilience": resilience, "sidecar": sidecar}


def main():
    stale = []
    for name, make in BOARDS.items():
        file, text = FOLDER / f"{name}.json", make().text()
        if "--check" not in sys.argv[1:]:
            FOLDER.mkdir(exist_ok=True)
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            stale.append(file.name)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what helm/dashboards.py makes: run it, and commit what changes")


if __name__ == "__main__":
    main()
