#!/usr/bin/env python3
"""The table of values in helm/outrigger/README.md, made of the comments of values.yaml.

usage: readme.py [--write]     without: fails where the table is not what the comments say

values.yaml is read line by line: a comment belongs to the key below it, and a default stands on the key's own line.
"""
import pathlib
import re
import sys

CHART = pathlib.Path(__file__).resolve().parents[2] / "helm/outrigger"
BEGIN, END = "<!-- values: made by tests/helm/readme.py -->", "<!-- end of values -->"
KEY = re.compile(r"^( *)([A-Za-z]+):(?: (.*))?$")


def rows(text):
    """(key with its path, default or None of a block, comment) in the order of the file."""
    path, comment = [], []
    for number, line in enumerate(text.splitlines(), 1):
        match = KEY.match(line)
        if line.strip().startswith("#"):
            comment.append(line.strip().lstrip("#").strip())
        elif match:
            indent, key, default = match.groups()
            path = path[: len(indent) // 2] + [key]
            if default is not None and not comment:
                sys.exit(f"values.yaml:{number}: {key} has no comment: say what it is for, above it")
            yield ".".join(path), default, " ".join(comment)
            comment = []
        elif line.strip():
            sys.exit(f"values.yaml:{number}: a default must stand on the line of its key")
        else:
            comment = []


def table(text):
    lines = [BEGIN, "", "| value | default | what it is |", "|---|---|---|"]
    for key, default, comment in rows(text):
        cell = f"`{default}`" if default is not None else ""
        name = f"`{key}`" if default is not None else f"**`{key}`**"
        if comment:
            lines.append(f"| {name} | {cell} | {comment.replace('|', chr(92) + '|')} |")
    return "\n".join([*lines, "", END])


def main():
    file = CHART / "README.md"
    old = file.read_text()
    if BEGIN not in old or END not in old:
        sys.exit(f"{file}: the lines `{BEGIN}` and `{END}` are missing")
    before, rest = old.split(BEGIN)
    new = before + table((CHART / "values.yaml").read_text()) + rest.split(END)[1]
    if "--write" in sys.argv:
        file.write_text(new)
    elif new != old:
        sys.exit("helm/outrigger/README.md is not what values.yaml says: python3 tests/helm/readme.py --write, and commit it")


if __name__ == "__main__":
    main()
