#!/usr/bin/env python3
"""Guards the house: arrows between rooms, sizes, globals, clocks, filters' companions. When it complains, mend the design.

usage: lint.py [--sizes] [ROOT]     rules: rules.json beside this file; a finding is printed as FILE:LINE: what, and what to do
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = "--sizes" in sys.argv
ROOT = os.path.abspath(sys.argv[-1]) if len(sys.argv) > 1 + SIZES else os.path.dirname(os.path.dirname(HERE))
RULES = json.load(open(os.path.join(HERE, "rules.json")))
findings = []


def find(path, line, text):
    findings.append(f"{path}:{line}: {text}")


def tracked():
    """Files of the project: what git tracks or would track."""
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if out.returncode == 0:
        return [f for f in out.stdout.split("\n") if f and os.path.exists(os.path.join(ROOT, f))]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in ("build", ".git")]
        found += [os.path.relpath(os.path.join(folder, f), ROOT) for f in files]
    return found


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


STRING = re.compile(r'R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
TOKEN = re.compile(COMMENT.pattern + "|" + STRING.pattern, re.S)


def code_only(text):
    """The text with comments and literals blanked; line numbers stay."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return TOKEN.sub(blank, text)


def room_of(path):
    rooms = [r for r in RULES["arrows"] if r != "about" and (path == r or path.startswith(r + "/"))]
    return max(rooms, key=len) if rooms else None


def is_standard(header):
    return "." not in header and "/" not in header or header in ("cstdio", "csignal")


def check_includes(path, text):
    room = room_of(path)
    if room is None:
        find(path, 1, "stands in no room: see the table in tests/lint/rules.json")
        return
    rule = RULES["single_files"].get(path) or RULES["arrows"][room]
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#include\s+([<"])([^>"]+)[>"]', line)
        if not match:
            continue
        kind, target = match.groups()
        if kind == "<":
            if is_standard(target) or any(target.startswith(p) for p in rule.get("libraries", [])):
                continue
            find(path, number, f"{room} may not include <{target}>: hide it behind a port, or use the room that may")
            continue
        own = target.startswith(room + "/") and path not in RULES["single_files"]
        allowed = own or target == re.sub(r"\.cc$", ".h", path) or any(
            target == r or target.startswith(r.rstrip("/") + "/") for r in rule["rooms"])
        if not allowed:
            other = room_of(target) or target
            find(path, number, f"{room} may not include {other} ({target}): declare the port in proxy/base, or move the code")


def check_patterns(path, code):
    for rule in RULES["only_in"]["rules"]:
        if any(path.startswith(a) for a in rule["allowed"]):
            continue
        for match in re.finditer(rule["pattern"], code):
            before = code[:match.start()]
            if "not_preceded_by" in rule and re.search(rule["not_preceded_by"], before.rsplit("\n", 1)[-1]):
                continue
            find(path, before.count("\n") + 1, f"`{match.group(0).strip()}`: {rule['advice']}")


def functions(code):
    """(line, length) of each function body: a `{` behind `)` at namespace or class level, and its closing brace."""
    depth_stack, starts = [], []
    line = 1
    statement = ""
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            head = statement.strip()
            scope = re.search(r"\b(namespace|class|struct|union|enum)\b[^()=;]*$", head) is not None
            inside = any(kind == "function" for kind, _ in depth_stack)
            kind = "scope" if scope else "function" if not inside and ")" in head else "block"
            depth_stack.append((kind, line))
            statement = ""
        elif char == "}":
            if depth_stack:
                kind, begun = depth_stack.pop()
                if kind == "function":
                    starts.append((begun, line - begun + 1))
            statement = ""
        elif char == ";":
            statement = ""
        else:
            statement += char
    return starts


def check_sizes(path, text, code):
    lines = text.count("\n")
    if lines > RULES["sizes"]["file_lines"]:
        find(path, 1, f"{lines} lines: split it by idea (at most {RULES['sizes']['file_lines']})")
    for begun, length in functions(code):
        if length > RULES["sizes"]["function_lines"]:
            find(path, begun, f"a function of {length} lines: name its parts (at most {RULES['sizes']['function_lines']})")


GLOBAL = re.compile(r"^[A-Za-z_][\w:<>,\s*&]*\s+[*&]?(\w+)\s*(?:=[^;(){}]*|\{[^;]*\})?;")
NOT_A_VARIABLE = re.compile(r"\b(const|constexpr|using|namespace|class|struct|enum|union|template|extern|return|typedef|"
                            r"friend|static_assert|concept|operator)\b")


def check_globals(path, code):
    """Mutable variables at namespace level: those in lines that are not indented, outside of any braces but namespaces."""
    depth, out = 0, []
    for line in code.split("\n"):
        out.append(line if depth == 0 else "")
        stripped = line.strip()
        if re.match(r"(inline\s+)?namespace\b.*\{$", stripped) or stripped in ("}", "}  //") and depth == 0:
            continue
        depth = max(0, depth + line.count("{") - line.count("}"))
    for number, line in enumerate(out, 1):
        if line[:1].isspace():
            continue
        match = GLOBAL.match(line)
        if match and not NOT_A_VARIABLE.search(line):
            find(path, number, f"global variable `{match.group(1)}`: give it an owner")


def check_filters(files):
    names = sorted({f.split("/")[1] for f in files if re.match(r"filters/\w+/\w+\.h$", f)})
    examples = "".join(read(f) for f in files if f.startswith("config/examples/"))
    registry = read("filters/registry.cc") if "filters/registry.cc" in files else ""
    for name in names:
        config_name = name.replace("_", "-")
        if f"tests/unit/filters/{name}_test.cc" not in files:
            find(f"filters/{name}", 1, f"has no test: write tests/unit/filters/{name}_test.cc")
        if f"filters/{name}/{name}.h" not in registry:
            find(f"filters/{name}", 1, "is not in filters/registry.cc")
        if not re.search(r"\b" + config_name + r"\b", examples):
            find(f"filters/{name}", 1, f"has no example: use `{config_name}` in a file of config/examples")


def check_fuzz_seeds(files):
    for target in (f for f in files if re.match(r"tests/fuzz/\w+_fuzz\.cc$", f)):
        seeds = "tests/fuzz/seeds/" + os.path.basename(target)[:-len("_fuzz.cc")] + "/"
        if not any(f.startswith(seeds) for f in files):
            find(target, 1, f"has no seeds under {seeds}")


def check_contract(files):
    contract = RULES["contract"]
    for path in (f for f in files if f.startswith("control/") and f.endswith((".h", ".cc"))):
        for name in sorted(set(re.findall(r'"(outrigger_\w+)"', read(path))) - set(contract["metrics"])):
            find(path, 1, f"the metric {name} is not in the contract")
    table = "proxy/exchange/reply_table.cc"
    if table in files:
        for word in sorted(set(re.findall(r'\{"([a-z-]+)", \d+,', read(table))) ^ set(contract["reasons"])):
            find(table, 1, f"the reason `{word}` stands in the table or in the contract alone")


def check_root(files):
    for name in sorted({f.split("/")[0] for f in files}):
        if not name.startswith(".") and name not in RULES["root"]:
            find(name, 1, "does not belong at the top: " + ", ".join(RULES["root"]))


def show_sizes(sources):
    """For the curious: how large files and functions are."""
    own = [f for f in sources if not f.startswith("tests/")]
    lines = sorted((read(f).count("\n"), f) for f in own)
    longest = sorted((length, f"{f}:{begun}") for f in own for begun, length in functions(code_only(read(f))))
    print(f"{len(own)} files, {sum(count for count, _ in lines)} lines; median {lines[len(lines) // 2][0]}; largest:")
    for count, name in reversed(lines[-5:] + longest[-5:]):
        print(f"  {count:4} {name}")


def main():
    files = tracked()
    if SIZES:
        return show_sizes([f for f in files if f.endswith((".h", ".cc"))])
    sources = [f for f in files if f.endswith((".h", ".cc"))]
    for path in sources:
        text = read(path)
        code = code_only(text)
        check_includes(path, text)
        check_patterns(path, code)
        if not path.startswith("tests/"):
            check_sizes(path, text, code)
            check_globals(path, code)
        elif text.count("\n") > RULES["sizes"]["file_lines"]:
            find(path, 1, f"{text.count(chr(10))} lines: split it by idea (at most {RULES['sizes']['file_lines']})")
    check_filters(files)
    check_fuzz_seeds(files)
    check_contract(files)
    check_root(files)
    for finding in findings:
        print(finding)
    print(f"{len(sources)} source files, {len(findings)} findings")
    return 1 if findings else 0


sys.exit(main())
