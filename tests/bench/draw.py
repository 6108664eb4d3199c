# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws how far each target was reached, and how the cost of one worker and of one task goes with their
number. Cost that grows with the work and nothing else is a level line."""

import collections
import math
import statistics

from measure import python, wall

# `reach` is 1, in each turn, where the target is just reached, and more where it is better than that.
Comparison = collections.namedtuple("Comparison", "words reach verdict")

TURNS = 5
COLOURS = ("#0b62a4", "#d1495b", "#6a994e", "#8d6a9f")
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 330, 70, 40, 190, 45
BARS, BARS_LEFT, ROW = 400, 60, 17  # where the targets' bars are, and how far apart


def repeats(count, enough):
    """How often a small number is done in one session, so that the session's start hardly counts."""
    return max(1, min(200, enough // count))


def session_cost(programs, command, count, enough):
    times = repeats(count, enough)
    line = command.format(count) if times == 1 else f"repeat {times} {command.format(count)}"
    costs = [wall(programs.forklab, "-q", "-c", line) for _ in range(TURNS)]
    return statistics.median(costs) / (count * times)


def floor_cost(count, *command):
    costs = [wall(*[str(word) for word in command]) for _ in range(TURNS)]
    return statistics.median(costs) / count


def powers(least, most):
    return [10**power for power in range(round(math.log10(least)), round(math.log10(most)) + 1)]


def take_workers(programs, most):
    alive = "barrier {} --without 0 --size 0 --stagger 0s"
    floor = programs.floor["spawn"]
    lines = {"in turn": "spawn {} 0", "together": "spawn {} 0 --together", "all alive": alive}
    taken = {
        name: [(n, session_cost(programs, command, n, 500)) for n in powers(1, most)]
        for name, command in lines.items()
    }
    # A floor is a program of its own each time, which few workers would not outweigh.
    taken["bare C, alive"] = [(n, floor_cost(n, floor, n, "alive")) for n in powers(100, most)]
    return taken


def take_tasks(programs, most):
    floor = programs.floor["pool"]
    return {
        "pool 2 N": [(n, session_cost(programs, "pool 2 {}", n, 100000)) for n in powers(1, most)],
        "bare C": [(n, floor_cost(n, floor, 2, n, min(8192, n))) for n in powers(10000, most)],
        "Python": [(n, python("pool", 2, n, 0) / n) for n in powers(1, min(most, 1000000))],
    }


def label(seconds):
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "us"), (1e9, "ns")):
        if seconds * factor >= 0.999 or name == "ns":
            return f"{seconds * factor:g} {name}"
    return ""


class Plot:
    """Both axes go by powers of ten."""

    def __init__(self, top, title, lines):
        points = [point for line in lines.values() for point in line]
        self.top = top + TOP
        self.title = title
        self.lines = lines
        self.right = max(math.log10(x) for x, _ in points)
        self.low = math.floor(min(math.log10(y) for _, y in points))
        self.high = math.ceil(max(math.log10(y) for _, y in points))

    def x(self, power):
        return LEFT + (WIDTH - LEFT - RIGHT) * power / self.right

    def y(self, power):
        height = HEIGHT - TOP - BOTTOM
        return self.top + height * (self.high - power) / (self.high - self.low)

    def axes(self):
        out = [f'<text x="{LEFT}" y="{self.top - 14}" class="title">{self.title}</text>']
        for power in range(self.low, self.high + 1):
            y = self.y(power)
            out.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
            text = label(10.0**power)
            out.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" class="end">{text}</text>')
        for power in range(int(self.right) + 1):
            x = self.x(power)
            text = f"{10 ** (power % 3)}{('', 'k', 'M')[power // 3]}"
            out.append(f'<text x="{x:.1f}" y="{self.y(self.low) + 18:.1f}" class="mid">{text}</text>')
        return out

    def draw(self):
        out = self.axes()
        ends = sorted((self.y(math.log10(line[-1][1])), name) for name, line in self.lines.items())
        at = {}
        for y, name in ends:
            at[name] = max([y] + [taken + 15 for taken in at.values()])
        for (name, line), colour in zip(self.lines.items(), COLOURS):
            path = " ".join(f"{self.x(math.log10(x)):.1f},{self.y(math.log10(y)):.1f}" for x, y in line)
            out.append(f'<polyline class="line" stroke="{colour}" points="{path}"/>')
            for x, y in line:
                where = f'cx="{self.x(math.log10(x)):.1f}" cy="{self.y(math.log10(y)):.1f}"'
                out.append(f'<circle {where} r="3" fill="{colour}"/>')
            text = f"{name}: {label(float(f'{line[-1][1]:.3g}'))}"
            out.append(f'<text x="{WIDTH - RIGHT + 10}" y="{at[name] + 4:.1f}" fill="{colour}">{text}</text>')
        return out


def draw_targets(top, comparisons):
    """A bar for each target from where it is reached, by powers of two, with the spread over the turns."""
    out = [f'<text x="20" y="{top + 26}" class="title">targets, reached where the bar goes to the right</text>']
    middle, step = BARS + BARS_LEFT, (WIDTH - 10 - BARS - BARS_LEFT) / 3  # for a factor of two
    place = lambda reach: middle + step * max(-0.9, min(3, math.log2(reach)))
    for i, comparison in enumerate(comparisons):
        y = top + 44 + ROW * i
        colour = COLOURS[2] if comparison.verdict == "reached" else COLOURS[1]
        begin, end = sorted((middle, place(statistics.median(comparison.reach))))
        low, high = place(min(comparison.reach)), place(max(comparison.reach))
        words = comparison.words.replace("&", "&amp;").replace("<", "&lt;")
        out.append(f'<text x="{BARS - 10}" y="{y + 9}" class="end">{words}</text>')
        out.append(f'<rect x="{begin:.1f}" y="{y}" width="{end - begin:.1f}" height="11" fill="{colour}"/>')
        out.append(f'<path stroke="#333" d="M{low:.1f} {y + 5.5}H{high:.1f}"/>')
    for power in range(4):
        x = middle + step * power
        colour = "#ddd" if power else "#333"
        out.append(f'<path stroke="{colour}" d="M{x:.1f} {top + 38}v{ROW * len(comparisons) + 4}"/>')
        out.append(f'<text x="{x:.1f}" y="{top + 32}" class="mid">{f"x {2 ** power}" if power else ""}</text>')
    return out


STYLE = """text{font:12px sans-serif}.title{font-size:14px;font-weight:bold}
.end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:#ddd;fill:none}
.line{fill:none;stroke-width:2}"""


def draw(path, programs, quick, comparisons):
    targets = 60 + ROW * len(comparisons)
    workers = Plot(targets, "cost of a worker, by their number", take_workers(programs, 1000 if quick else 10000))
    tasks = Plot(
        targets + HEIGHT,
        "cost of a task, by their number; a few pay for two workers",
        take_tasks(programs, 1000000 if quick else 10000000),
    )
    height = targets + 2 * HEIGHT
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    body = "\n".join(draw_targets(0, comparisons) + workers.draw() + tasks.draw())
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<style>{STYLE}</style>\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'
        )
