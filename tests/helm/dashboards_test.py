#!/usr/bin/env python3
"""The dashboards: what helm/dashboards.py makes, each panel with its unit and its words, of metrics that exist, laid out
without overlaps; and every expression is one that Prometheus can read."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "helm"))
sys.dont_write_bytecode = True

import dashboards  # noqa: E402

METRICS = set(json.loads((ROOT / "tests/lint/rules.json").read_text())["contract"]["metrics"])
OF_THE_PROCESS = {"process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes",
                  "process_open_fds", "process_max_fds"}
RECORDED = set(re.findall(r"- record: (\S+)", (ROOT / "helm/outrigger/rules/recording.yaml").read_text()))
BOARDS = {name: json.loads((dashboards.FOLDER / f"{name}.json").read_text()) for name in dashboards.BOARDS}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def panels():
    for board in BOARDS.values():
        for panel in board["panels"]:
            if panel["type"] != "row":
                yield f"{board['title']}: {panel['title']}", panel


def expressions():
    for board in BOARDS.values():
        yield from ((f"{board['title']}: annotation", one["expr"]) for one in board["annotations"]["list"])
    for name, panel in panels():
        yield from ((name, target["expr"]) for target in panel["targets"])


def metrics_of(expression):
    """The names that an expression reads: what is left without labels, functions and words of the language."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]|\b(?:by|on|group_left|group_right|ignoring|without) \([^)]*\)|\{[^}]*\}', " ", expression)
    words = set(re.findall(r"[a-zA-Z_][\w:]*(?!\w*\()", bare))
    return {word for word in words if "_" in word and not re.search(rf"\b{word} ?\(", bare)}


class Dashboards(unittest.TestCase):
    def test_they_are_what_the_generator_makes(self):
        for name, make in dashboards.BOARDS.items():
            self.assertEqual((dashboards.FOLDER / f"{name}.json").read_text(), make().text(), "run helm/dashboards.py")
        self.assertEqual({file.stem for file in dashboards.FOLDER.iterdir()}, set(dashboards.BOARDS))

    def test_each_panel_says_what_it_shows_and_in_what_unit(self):
        for name, panel in panels():
            self.assertRegex(panel["description"], r"^([A-Z]|gRPC ).*\.$", name)
            self.assertTrue(panel["fieldConfig"]["defaults"]["unit"], name)
            self.assertTrue(panel["targets"], name)
            for target in panel["targets"]:
                self.assertTrue(target["legendFormat"], name)

    def test_the_data_source_is_the_variable_everywhere(self):
        for name, board in BOARDS.items():
            text = json.dumps(board)
            self.assertEqual(text.count('"datasource": {'), text.count(json.dumps(SOURCE)), name)
        for name, panel in panels():
            self.assertEqual(panel["datasource"], SOURCE, name)
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], SOURCE, name)

    def test_variables(self):
        for name, board in BOARDS.items():
            variables = {one["name"]: one for one in board["templating"]["list"]}
            self.assertLessEqual({"datasource", "namespace", "pod"}, set(variables), name)
            used = set(re.findall(r"\$(\w+)", " ".join(json.dumps(one) for one in board["panels"])))
            self.assertLessEqual(used - {"__rate_interval"}, set(variables), name)
            for one in variables.values():
                if one["type"] == "query":
                    self.assertTrue(one["multi"] and one["includeAll"], one["name"])

    def test_rates_span_what_grafana_says(self):
        for name, expression in expressions():
            for function, window in re.findall(r"\b(\w+)\([^()\[]*\[([^]]+)\]", expression):
                self.assertEqual(window, "$__rate_interval", f"{name}: {function}")
            self.assertNotRegex(expression, r"\[\d", name)

    def test_their_metrics_exist(self):
        for name, expression in expressions():
            found = metrics_of(expression)
            self.assertTrue(found, f"{name}: {expression}")
            for metric in found:
                if ":" in metric:
                    self.assertIn(metric, RECORDED, name)
                else:
                    self.assertIn(re.sub("_(bucket|sum|count)$", "", metric), METRICS | OF_THE_PROCESS, name)

    def test_all_metrics_of_the_contract_that_matter_are_shown(self):
        shown = {re.sub("_(bucket|sum|count)$", "", metric) for _, expression in expressions() for metric in metrics_of(expression)}
        elsewhere = {"outrigger_injections_total", "outrigger_redirect_refused_total", "outrigger_detections_total",
                     "outrigger_probes_total", "outrigger_http2_guards_total", "outrigger_tcp_duration_seconds"}
        self.assertEqual(METRICS - shown - elsewhere, set())

    def test_panels_lie_side_by_side(self):
        for name, board in BOARDS.items():
            taken, ids = {}, set()
            for panel in board["panels"]:
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24, name)
                self.assertNotIn(panel["id"], ids)
                ids.add(panel["id"])
                for x in range(place["x"], place["x"] + place["w"]):
                    for y in range(place["y"], place["y"] + place["h"]):
                        self.assertNotIn((x, y), taken, f"{name}: {panel['title']} lies on {taken.get((x, y))}")
                        taken[x, y] = panel["title"]

    def test_uids_stay(self):
        self.assertEqual({board["uid"] for board in BOARDS.values()},
                         {"outrigger-service", "outrigger-resilience", "outrigger-sidecar"})

    def test_titles_are_unique(self):
        titles = [name for name, _ in panels()]
        self.assertEqual(len(titles), len(set(titles)))

    @unittest.skipUnless(shutil.which("promtool"), "promtool is missing: apt-get install prometheus")
    def test_prometheus_can_read_each_expression(self):
        rules = [{"record": f"outrigger:x:y{i}", "expr": expression.replace("$__rate_interval", "1m")}
                 for i, (_, expression) in enumerate(expressions())]
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "rules.json"  # YAML is a superset
            file.write_text(json.dumps({"groups": [{"name": f"g{i}", "rules": [rule]} for i, rule in enumerate(rules)]}))
            run = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, check=False)
        self.assertIn(f"{len(rules)} rules found", run.stdout + run.stderr)
        self.assertNotIn("FAILED", run.stdout + run.stderr)


if __name__ == "__main__":
    unittest.main()
