#!/usr/bin/env python3
"""The alerts: sound by promtool, firing when they should (rules_test.yaml), of metrics that exist, each with its words."""
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import chart

chart.need_python_parts()
if not shutil.which("promtool"):
    chart.skip("promtool is missing: apt-get install prometheus")

import yaml  # noqa: E402

FILES = sorted((chart.CHART / "rules").glob("*.yaml"))
RULES = [rule for file in FILES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]
CASES = yaml.safe_load((chart.HERE / "rules_test.yaml").read_text())
BOOKS = (chart.ROOT / "helm/RUNBOOKS.md").read_text()
ALERTS = [rule for rule in RULES if "alert" in rule]
METRICS = set(json.loads((chart.ROOT / "tests/lint/rules.json").read_text())["contract"]["metrics"])


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)


class Alerts(unittest.TestCase):
    def test_promtool_takes_them(self):
        run = promtool("check", "rules", *FILES)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_they_fire_when_they_should(self):
        texts = {rule["alert"]: rule["annotations"] for rule in RULES if "alert" in rule}
        cases = json.loads(json.dumps(CASES))
        cases["rule_files"] = list(map(str, FILES))
        for case in cases["tests"]:
            for check in case["alert_rule_test"]:
                for alert in check["exp_alerts"]:
                    said = alert.pop("said", {})
                    alert["exp_annotations"] = self.filled(texts[check["alertname"]], alert["exp_labels"], said)
        self.judge([case for case in cases["tests"] if case["interval"] != "5m"], cases)
        # Days are looked at less often than minutes.
        self.judge([case for case in cases["tests"] if case["interval"] == "5m"], cases | {"evaluation_interval": "5m"})

    def judge(self, tests, cases):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "cases.yaml"
            file.write_text(yaml.safe_dump(cases | {"tests": tests}))
            run = promtool("test", "rules", file)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    @staticmethod
    def filled(annotations, labels, said):
        said = said | {f"$labels.{name}": value for name, value in labels.items()}
        def fill(text):
            return re.sub(r"\{\{ (.+?) \}\}", lambda match: said[match.group(1)], text)
        return {key: fill(text) for key, text in annotations.items()}

    def test_promtool_takes_the_scrape_config_of_the_guide(self):
        guide = (chart.ROOT / "helm/README.md").read_text()
        (text,) = re.findall(r"```yaml\n(scrape_configs:\n.*?)```", guide, re.S)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "prometheus.yml"
            # Debian's promtool is built without what looks pods up.
            file.write_text("".join(line for line in text.splitlines(True) if "kubernetes_sd_configs" not in line))
            run = promtool("check", "config", "--syntax-only", file)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_each_has_a_case_in_which_it_fires(self):
        fired = {check["alertname"] for case in CASES["tests"] for check in case["alert_rule_test"] if check["exp_alerts"]}
        self.assertEqual({rule["alert"] for rule in ALERTS}, fired)

    def test_each_has_a_case_in_which_it_does_not(self):
        """By another time, or beside a series of another pod or upstream in a case in which it fires."""
        for rule in ALERTS:
            cases = [case for case in CASES["tests"] for check in case["alert_rule_test"] if check["alertname"] == rule["alert"]]
            quiet = any(not check["exp_alerts"] for case in cases for check in case["alert_rule_test"]
                        if check["alertname"] == rule["alert"])
            beside = any(len({re.search(r'(upstream|pod)="([^"]*)"', one["series"]).group(2) for one in case["input_series"]}) > 1
                         or len(set(re.findall(r'upstream="(\w+)"', str(case["input_series"])))) > 1 for case in cases)
            self.assertTrue(quiet or beside, rule["alert"])

    def test_their_metrics_exist(self):
        recorded = {rule["record"] for rule in RULES if "record" in rule}
        for rule in RULES:
            names = set(re.findall(r"[\w:]*\boutrigger[_:][\w:]+", rule["expr"]))
            self.assertTrue(names or rule["expr"].startswith("vector("), rule)
            bare = {re.sub("_(bucket|sum|count)$", "", name) for name in names if ":" not in name}
            self.assertLessEqual(bare, METRICS, rule)
            self.assertLessEqual({name for name in names if ":" in name}, recorded, rule)

    def test_what_is_recorded_is_named_level_metric_operations(self):
        for rule in RULES:
            if "record" in rule:
                self.assertRegex(rule["record"], r"^[a-z_]+:[a-z_]+:[a-z0-9_]+$")

    def test_each_says_what_is_wrong_and_how_much_it_matters(self):
        for rule in ALERTS:
            self.assertIn(rule["labels"]["severity"], ("warning", "critical"), rule["alert"])
            self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"}, rule["alert"])
            self.assertIn("$labels.", rule["annotations"]["summary"] + rule["annotations"]["description"], rule["alert"])
            self.assertEqual(rule["annotations"]["runbook_url"], f"helm/RUNBOOKS.md#{rule['alert'].lower()}")

    def test_each_has_a_runbook(self):
        sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", BOOKS, re.M | re.S))
        self.assertEqual({rule["alert"] for rule in ALERTS}, set(sections))
        for name, text in sections.items():
            for part in ("What it means", "What users see", "Look at", "Do", "Ignore it when"):
                self.assertIn(f"**{part}.**", text, name)

    def test_the_chart_sets_the_objective_and_where_runbooks_are(self):
        chart.need_helm()
        (rules,) = chart.objects(chart.template("--values", chart.HERE / "values/monitoring.yaml",
                                                "--show-only", "templates/rules.yaml"))
        found = [rule for group in rules["spec"]["groups"] for rule in group["rules"]]
        self.assertEqual(len(found), len(RULES))
        (objective,) = [rule["expr"] for rule in found if rule.get("record") == "outrigger:slo_objective:ratio"]
        self.assertEqual(objective, "vector(99.95) / 100")
        for rule in found:
            if "alert" in rule:
                self.assertEqual(rule["annotations"]["runbook_url"], f"https://wiki.example/outrigger#{rule['alert'].lower()}")


if __name__ == "__main__":
    unittest.main()
