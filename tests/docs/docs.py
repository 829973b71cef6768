#!/usr/bin/env python3
"""Keeps the pages true: what the program writes into them is what it would write now, links lead somewhere, configs load,
and each policy, code, reason, metric and filter has its place.

usage: docs.py BINARY [--write]      --write: renews what the program writes, and checks nothing else
A finding is printed as FILE:LINE: what, and what would be right; exit code 1.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import pages
import regions
from pages import ROOT, read

sys.path.insert(0, os.path.join(ROOT, "tests/bench"))
from certificates import Authority  # noqa: E402

BINARY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
HEADINGS = ["What it does", "Default, and why", "In the file", "What shows it", "What proves it"]
CONFIG_PAGES = ("README.md", "config/", "filters/")  # here each block of YAML is a config, unless it says otherwise
TRANSCRIPTS = ("tests/newcomer/transcript.md",)
findings = []


def find(path, line, text):
    findings.append(f"{path}:{line}: {text}")


def line_of(text, part):
    return text.count("\n", 0, text.index(part)) + 1


# ---- What the program writes

def check_regions(documents):
    for path in documents:
        text = read(path)
        if regions.renewed(text, BINARY) != text:
            find(path, 1, "the program would write this page's tables otherwise; `./dev docs` renews them")


def write_regions(documents):
    for path in documents:
        text = read(path)
        new = regions.renewed(text, BINARY)
        if new != text:
            with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
                file.write(new)
            print(f"{path}: renewed")


# ---- Links

def check_links(documents):
    reached = {}
    for path in documents:
        for line, target in pages.links(read(path)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            full = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
            if not os.path.exists(os.path.join(ROOT, full)):
                find(path, line, f"the link {target} leads nowhere: there is no {full}")
                continue
            reached.setdefault(path, set()).add(full)
            if anchor and full.endswith(".md") and anchor not in pages.anchors(read(full)):
                find(path, line, f"the link {target} leads nowhere: {full} has no heading #{anchor}")
    return reached


def check_reachable(documents, reached):
    known, waiting = {"README.md"}, ["README.md"]
    while waiting:
        for target in reached.get(waiting.pop(), ()):
            # A link to a folder reaches what is in it.
            inside = {d for d in documents if d.startswith(target + "/")} if not target.endswith(".md") else {target}
            waiting += inside - known
            known |= inside
    for path in documents:
        if path not in known:
            find(path, 1, "no link leads here from README.md")


# ---- Configs

def make_certificates(folder):
    """What pages call /certs."""
    authority = Authority(folder)
    authority.leaf("tls", identity="spiffe://shop.example/ns/shop/sa/docs")


def codes_of(text, folder):
    file = os.path.join(folder, "outrigger.yaml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(text.replace("/certs/", folder + "/"))
    ran = subprocess.run([BINARY, "check", "--json", file], capture_output=True, text=True)
    try:
        report = json.loads(ran.stdout)
    except ValueError:
        return None, ran.stdout + ran.stderr
    if isinstance(report, list):
        report = report[0]
    said = "; ".join(f"{d['line']}: {d['code']} {d['message']}" for d in report["diagnostics"]) + report.get("error", "")
    codes = {d["code"] for d in report["diagnostics"]}
    return (codes | {"it does not compile"} if "error" in report else codes), said


def check_configs(documents, folder):
    make_certificates(folder)
    loaded = 0
    for path in documents:
        for block in pages.split(read(path))[1]:
            words = block.info.split()
            if not words or words[0] != "yaml" or "other" in words:
                continue
            versioned = re.search(r"^version:", block.text, re.M)
            if not versioned and not path.startswith(CONFIG_PAGES):
                continue
            codes, said = codes_of(block.text if versioned else "version: 1\n" + block.text, folder)
            loaded += 1
            expected = set(words[2:]) if len(words) > 1 else set()
            if codes != expected:
                find(path, block.line, f"this config gives {sorted(codes or [])} instead of {sorted(expected)} ({said.strip()}); "
                     "mend it, or mark it: ```yaml wrong OR120, ```yaml warns OR304, ```yaml other")
    return loaded


# ---- Tables

def words_of(pattern, text):
    return set(re.findall(pattern, text))


def check_tables():
    rules = json.loads(read("tests/lint/rules.json"))["contract"]
    metrics, reasons = read("control/METRICS.md"), read("control/REASONS.md")
    for name in rules["metrics"]:
        if f"| `{name}` |" not in metrics:
            find("control/METRICS.md", 1, f"{name} is missing; control/telemetry/families.h has no row for it")
    advice = pages.section(reasons, "What to look at")
    for word in rules["reasons"]:
        if f"| `{word}` |" not in reasons:
            find("control/REASONS.md", 1, f"the reason {word} is missing")
        if f"`{word}`" not in advice:
            find("control/REASONS.md", 1, f"nothing says what to look at when a request ends as {word}")
    codes = read("config/CODES.md")
    for code in re.findall(r"\w+ = (\d{3}),", read("config/code.h")):
        if f"| `OR{code}` |" not in codes:
            find("config/CODES.md", 1, f"OR{code} is missing")
    for folder in sorted(os.listdir(os.path.join(ROOT, "filters"))):
        is_filter = os.path.isdir(os.path.join(ROOT, "filters", folder))
        if is_filter and f"## `{folder.replace('_', '-')}`" not in read("filters/README.md"):
            find("filters/README.md", 1, f"the filter {folder} is missing")


# Names that a page mentions must exist.
def check_names(documents):
    metrics = set(re.findall(r"^\| `(\w+)` \|", read("control/METRICS.md"), re.M))
    codes = set(re.findall(r"^\| `(OR\d+)` \|", read("config/CODES.md"), re.M))
    reasons = set(re.findall(r"^\| `([a-z-]+)` \|", read("control/REASONS.md"), re.M))
    for path in documents:
        if path in TRANSCRIPTS:
            continue
        text = read(path)
        for name in sorted(words_of(r"\boutrigger_[a-z0-9_]*[a-z0-9]\b(?![/*.])", text)):
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            if base not in metrics and name not in metrics:
                find(path, line_of(text, name), f"there is no metric {name}; control/METRICS.md has them all")
        for code in sorted(words_of(r"\bOR[1-3]\d\d\b", text) - codes):
            find(path, line_of(text, code), f"there is no code {code}; config/CODES.md has them all")
        for reason in sorted(words_of(r'\{reason="([a-z-]+)"', text) - reasons):
            find(path, line_of(text, reason), f"there is no reason {reason}; control/REASONS.md has them all")


# ---- Verbs

def check_verbs():
    helped = subprocess.run([BINARY, "--help"], capture_output=True, text=True, check=True).stdout
    verbs = set(re.findall(r"^  ([a-z-]+)  ", helped.partition("Verbs:")[2], re.M))
    rows = re.findall(r"^\| ((?:`[a-z -]+`(?:, )?)+) \|", pages.section(read("control/README.md"), "The command line"), re.M)
    told = {name.split()[0] for row in rows for name in re.findall(r"`([^`]+)`", row)}
    for verb in sorted(verbs - told):
        find("control/README.md", 1, f"the table of the command line lacks the verb {verb}")
    for verb in sorted(told - verbs):
        find("control/README.md", 1, f"the table of the command line has {verb}, which the program has not")


# ---- Policies

def shape_keys():
    schema = json.loads(subprocess.run([BINARY, "schema"], capture_output=True, text=True, check=True).stdout)
    return set(schema["properties"]["policies"]["additionalProperties"]["properties"])


def check_policies(policies):
    reference = read("config/REFERENCE.md")
    headings = set(re.findall(r"^## `(.*)`$", reference, re.M))
    keys = re.findall(r"^\| `(\w+)` \|", reference, re.M)
    bench = set(re.findall(r"^    ([\w-]+)\) ", read("dev"), re.M))
    told = set()
    for path in policies:
        text = read(path)
        if re.findall(r"^## (.*)$", text, re.M) != HEADINGS:
            find(path, 1, f"the headings of a policy's page are: {', '.join(HEADINGS)}")
        line = re.search(r"^Keys: (.*?)\n\n", text, re.M | re.S)
        named = re.findall(r"`([^`]+)`", line[1]) if line else []
        if not named:
            find(path, 1, "the line `Keys: ...` says which keys of the file the page is about")
        for name in named:
            known = name in headings or (name.split(".")[-1] in keys and (name.rpartition(".")[0] in headings or "." not in name))
            if not known:
                find(path, 1, f"config/REFERENCE.md has no key {name}")
        told |= set(named)
        if not re.search(r"`outrigger_\w+", pages.section(text, "What shows it")):
            find(path, 1, "`What shows it` names no metric")
        proof = pages.section(text, "What proves it")
        if "](../../tests/" not in proof:
            find(path, 1, "`What proves it` links no test or experiment")
        for names in re.findall(r"`\./dev\s+bench\s+resilience((?:\s+e\w+)+)`", proof):
            for name in names.split():
                number = re.sub(r"^e(\d)(?!\d)", r"e0\1", name)
                if not any(f.startswith(number + "_") for f in os.listdir(os.path.join(ROOT, "tests/bench/experiments"))):
                    find(path, 1, f"there is no experiment {name} in tests/bench/experiments")
        for name in re.findall(r"`\./dev\s+bench\s+(\w+)", proof):
            if name not in bench:
                find(path, 1, f"./dev bench knows no {name}")
    for key in sorted(shape_keys() - {"extends"}):
        if f"policies.NAME.{key}" not in told:
            find("config/README.md", 1, f"no page in config/policies is about policies.NAME.{key}")


# ---- Code that a page shows

def check_code(path):
    """Each block of C++ stands in a file that the page links."""
    text = read(path)
    folder = os.path.dirname(path)
    sources = [read(os.path.normpath(os.path.join(folder, target))) for _, target in pages.links(text)
               if target.endswith((".cc", ".h"))]
    for block in pages.split(text)[1]:
        if block.info == "cpp" and not any(block.text in source for source in sources):
            find(path, block.line, "this code stands in none of the files that the page links; take it from there")


def main():
    if len(sys.argv) < 2 or not os.path.exists(BINARY):
        print(__doc__, file=sys.stderr)
        return 2
    documents = pages.tracked("*.md")
    if "--write" in sys.argv:
        write_regions(documents)
        return 0
    check_regions(documents)
    check_reachable(documents, check_links(documents))
    with tempfile.TemporaryDirectory() as folder:
        loaded = check_configs(documents, folder)
    check_tables()
    check_names(documents)
    check_verbs()
    check_policies([path for path in documents if path.startswith("config/policies/")])
    check_code("filters/README.md")
    for finding in findings:
        print(finding)
    print(f"{len(documents)} pages, {loaded} configs, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
