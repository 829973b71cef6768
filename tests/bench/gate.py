#!/usr/bin/env python3
"""The instruction gate: what one proxied request costs the data plane in instructions, against the stored figure.

usage: gate.py PROGRAM [--store]

A change that makes a request dearer by more than the tolerance says why in its commit and stores the new figure; one
that makes it cheaper by as much stores it too, so that it cannot be lost again.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

STORED = pathlib.Path(__file__).with_name("gate.json")
FEW, MANY = 1000, 3000


def instructions(program, requests):
    """All that the program executes for so many requests."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", program, str(requests)],
            capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode != 0 or found is None:
        sys.exit(f"gate: the program failed under callgrind:\n{run.stderr}")
    return int(found.group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--store", action="store_true", help="make today's figure the stored one")
    arguments = parser.parse_args()
    stored = json.loads(STORED.read_text())
    now = round((instructions(arguments.program, MANY) - instructions(arguments.program, FEW)) / (MANY - FEW))
    if arguments.store:
        stored["instructions_per_request"] = now
        STORED.write_text(json.dumps(stored, indent=2) + "\n")
    before, tolerance = stored["instructions_per_request"], stored["tolerance"]
    print(f"{now} instructions a request; stored: {before}; tolerance: {tolerance}")
    if abs(now - before) > tolerance:
        word = "dearer" if now > before else "cheaper"
        sys.exit(f"gate: a request has become {word} by {abs(now - before)} instructions. If that is meant, say why in "
                 f"the commit and store it: ./dev bench gate --store")


main()
