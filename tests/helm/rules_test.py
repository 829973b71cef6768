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
                    alert["exp_annotations"] = self.filled(texts[check["alertname"]], alert["exp_labels"])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "cases.yaml"
            file.write_text(yaml.safe_dump(cases))
            run = promtool("test", "rules", file)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    @staticmethod
    def filled(annotations, labels):
        def fill(text):
            return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda match: labels[match.group(1)], text)
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
        self.assertEqual({rule["alert"] for rule in RULES if "alert" in rule}, fired)

    def test_their_metrics_exist(self):
        for rule in RULES:
            names = set(re.findall(r"\boutrigger_\w+", rule["expr"]))
            self.assertTrue(names, rule)
            self.assertLessEqual({re.sub("_(bucket|sum|count)$", "", name) for name in names}, METRICS, rule)

    def test_each_says_what_is_wrong_and_how_much_it_matters(self):
        for rule in RULES:
            self.assertIn(rule["labels"]["severity"], ("warning", "critical"), rule["alert"])
            self.assertEqual(set(rule["annotations"]), {"summary", "description"}, rule["alert"])


if __name__ == "__main__":
    unittest.main()
