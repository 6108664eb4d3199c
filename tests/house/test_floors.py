#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files refer only to files on their own floor or below it, and never to each other in a circle.

Includes are read from the source, references from the symbols of the objects that were built. The
order of the floors, lowest first, is the line "floors: ..." of src/README.md.
"""
import collections
import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ['SOURCE'])
OBJECTS = pathlib.Path(os.environ['OBJECTS'])


def floors():
    line = re.search(r'^floors: (.+)$', (SOURCE / 'README.md').read_text(), re.M)
    return {name: height for height, name in enumerate(line.group(1).split())}


def unit_of(source):
    """The name of a file without its ending, below src/: "jobs/job"."""
    return source.relative_to(SOURCE).with_suffix('').as_posix()


def floor_of(unit):
    return unit.split('/')[0]


def includes():
    """Pairs of a file and another one that it includes."""
    for source in sorted(SOURCE.rglob('*.[ch]')):
        for target in re.findall(r'^#include "(.+)\.h"$', source.read_text(), re.M):
            yield unit_of(source), target


def sources():
    """The source files of the program: the tools that only the build runs are none of it."""
    for source in sorted(SOURCE.rglob('*.c')):
        unit = unit_of(source)
        if floor_of(unit) != 'install' and ('/' in unit or unit == 'main'):
            yield source


def objects():
    """The object of each source file, by the names that meson gives them."""
    for source in sources():
        name = source.relative_to(SOURCE).as_posix().replace('/', '_') + '.o'
        found = list(OBJECTS.glob('*/' + name))
        if found:
            yield unit_of(source), found[0]


def references():
    """Of each file the others whose symbols it uses."""
    unit_of_object = {str(path): unit for unit, path in objects()}
    answer = subprocess.run(['nm', '-A', *unit_of_object], capture_output=True, text=True, check=True,
                            timeout=30)
    defined, wanted = {}, collections.defaultdict(set)
    for row in answer.stdout.splitlines():
        path, words = row.split(':', 1)
        kind, symbol = words.split()[-2:]
        if kind == 'U':
            wanted[unit_of_object[path]].add(symbol)
        elif kind in 'TDBRVWC':
            defined[symbol] = unit_of_object[path]
    return {unit: {defined[symbol] for symbol in symbols if defined.get(symbol, unit) != unit}
            for unit, symbols in wanted.items()}


def reachable(graph, start):
    seen, ahead = set(), [start]
    while ahead:
        for unit in graph.get(ahead.pop(), ()):
            if unit not in seen:
                seen.add(unit)
                ahead.append(unit)
    return seen


class Floors(unittest.TestCase):
    def test_all_objects_are_there(self):
        self.assertEqual([unit_of(source) for source in sources()],
                         [unit for unit, _ in objects()])

    def test_every_folder_is_a_floor(self):
        folders = {floor_of(unit_of(path)) for path in sources()}
        self.assertLessEqual(folders, set(floors()))

    def test_no_include_goes_upwards(self):
        height = floors()
        self.assertEqual([], [f'{a} -> {b}' for a, b in includes()
                              if height[floor_of(a)] < height[floor_of(b)]])

    def test_no_reference_goes_upwards(self):
        height = floors()
        self.assertEqual([], [f'{a} -> {b}' for a, others in sorted(references().items())
                              for b in sorted(others) if height[floor_of(a)] < height[floor_of(b)]])

    def test_no_circle(self):
        graph = references()
        self.assertEqual([], [unit for unit in sorted(graph) if unit in reachable(graph, unit)])


if __name__ == '__main__':
    unittest.main(verbosity=2)
