#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the lines that never ran, and those of whose branches some were never taken, file by file.
usage: uncovered.py ROOT COVERAGE.json"""
import json
import os
import sys


def never_taken(line):
    """How many of a line's branches were never taken, and how many it has."""
    branches = [branch["count"] for branch in line["branches"]]
    return branches.count(0), len(branches)


def report(root, measured):
    with open(os.path.join(root, measured["file"]), encoding="utf-8") as source:
        text = source.read().splitlines()
    found = []
    for line in measured["lines"]:
        missing, branches = never_taken(line)
        if line.get("gcovr/noncode") or (line["count"] > 0 and missing == 0):
            continue
        what = f"{missing} of {branches}" if line["count"] > 0 else "never"
        found.append(f"{line['line_number']:5}  {what:8}  {text[line['line_number'] - 1]}")
    if found:
        print(measured["file"], *found, "", sep="\n")


def main():
    root, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        for measured in json.load(file)["files"]:
            report(root, measured)


if __name__ == "__main__":
    main()
