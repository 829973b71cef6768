#!/usr/bin/env python3
"""The chart rendered with each set of values, against golden/NAME.yaml.

usage: golden.py [--write]     --write: what is rendered now is what is to be
"""
import difflib
import sys

import chart


def differences(name, text):
    file = chart.HERE / "golden" / f"{name}.yaml"
    if "--write" in sys.argv:
        file.write_text(text)
    known = file.read_text() if file.exists() else ""
    return list(difflib.unified_diff(known.splitlines(), text.splitlines(), f"golden/{file.name}", "rendered now", lineterm=""))


def main():
    chart.need_helm()
    sets = chart.value_sets()
    found = []
    for name, arguments in sets.items():
        text = chart.settled(chart.template(*arguments))
        if text != chart.settled(chart.template(*arguments)):
            found.append(f"{name}: two renderings differ: something in it is random or tells the time")
        found += differences(name, text)
    for file in sorted((chart.HERE / "golden").glob("*.yaml")):
        if file.stem not in sets:
            found.append(f"golden/{file.name}: no set of values has this name: delete it")
    print("\n".join(found) or f"{len(sets)} renderings as they were")
    if found:
        sys.exit("golden: if this is what is to be: python3 tests/helm/golden.py --write, and commit it")


if __name__ == "__main__":
    main()
