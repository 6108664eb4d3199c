#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of export and scale: on a slide, in few colours, in programs that know little SVG."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from forklab import LIMIT, run

SVG = "{http://www.w3.org/2000/svg}"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

# Full protanopia, deuteranopia and tritanopia on linear RGB (Machado, Oliveira and Fernandes 2009).
VISIONS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(color):
    return sum(part * weight for part, weight in zip(linear(color), (0.2126, 0.7152, 0.0722)))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(color, vision):
    seen = [
        min(max(sum(a * b for a, b in zip(row, linear(color))), 0), 1) for row in VISIONS[vision]
    ]
    to_xyz = (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    )
    xyz = [
        sum(a * b for a, b in zip(row, seen)) / white
        for row, white in zip(to_xyz, (0.95047, 1, 1.08883))
    ]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other, vision):
    """The distance in CIE L*a*b* (1976), as such an eye sees both."""
    return sum((a - b) ** 2 for a, b in zip(lab(one, vision), lab(other, vision))) ** 0.5


class Picture:
    """A picture that was written, by what a reader of XML finds in it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.source = file.read()
        self.root = ElementTree.fromstring(self.source)
        self.style = "".join(element.text for element in self.root.iter(SVG + "style"))
        self.texts = [
            element for element in self.root.iter(SVG + "text") if element.get("class") != "halo"
        ]
        self.words = ["".join(element.itertext()) for element in self.texts]
        self.boxes = [
            box for box in self.root.iter(SVG + "rect") if "paper" not in box.get("class")
        ]

    def looks(self):
        """Of each entry of the legend: class of the box, its fill, height and edge."""
        return {
            (
                box.get("class").split()[0],
                box.get("fill"),
                box.get("height"),
                box.get("stroke-dasharray"),
            )
            for box in self.boxes
            if box.find(SVG + "title") is None and not box.get("fill-opacity")
        }

    def dark(self, name, kind="fill"):
        return re.search(r"svg:root \.%s\{%s:(#\w{6})\}" % (name, kind), self.style)[1]

    def of(self, words):
        return self.texts[self.words.index(words)]


class TestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def draw(self, commands, which=""):
        path = os.path.join(self.folder, f"{len(os.listdir(self.folder))}.svg")
        finished = run(f"{commands}\nexport {path} {which}\n", "-k")
        self.assertTrue(os.path.exists(path), finished.err)
        return Picture(path)


class Colours(TestCase):
    JOBS = (
        "barrier 3 --rounds 2 --for 2ms",
        "pool 2 20 --for 1ms",
        "lock 3 --for 2ms",
        "queue 2 2",
        "event 3",
        "semaphore 3 5 --for 2ms",
        "condition 3",
        "spawn 1 --for 20s --daemon & sleep 50ms; stop %1; sleep 50ms; kill -9 %1; wait",
    )

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            script = ""
            for number, job in enumerate(cls.JOBS):
                script += job.replace("%1", f"%{number + 1}") + f"\nexport {folder}/{number}.svg\n"
            finished = run(script, "-k")
            assert len(os.listdir(folder)) == len(cls.JOBS), finished.err
            cls.pictures = [Picture(os.path.join(folder, name)) for name in os.listdir(folder)]
        cls.looks = set().union(*(picture.looks() for picture in cls.pictures))

    def test_all_looks_are_there(self):
        names = {look[0] for look in self.looks}
        self.assertLessEqual(
            {
                "starting",
                "working",
                "idle",
                "wait0",
                "wait1",
                "wait2",
                "holding",
                "stopped",
                "zombie",
            },
            names,
        )

    def check_pairs(self, colour_of):
        looks = sorted(self.looks, key=str)
        for at, one in enumerate(looks):
            for other in looks[:at]:
                # A shape: the edge, or a height that differs by a fifth.
                heights = sorted((float(one[2]), float(other[2])))
                if one[3] != other[3] or heights[1] >= 1.2 * heights[0]:
                    continue
                for vision in VISIONS:
                    self.assertGreater(
                        difference(colour_of(one), colour_of(other), vision),
                        14,
                        (vision, one, other),
                    )

    def test_looks_of_one_shape_differ_in_colour_to_any_eye(self):
        self.check_pairs(lambda look: look[1])

    def test_in_the_dark_too(self):
        self.check_pairs(lambda look: self.pictures[0].dark(look[0]))

    def test_letters_can_be_read(self):
        picture = self.pictures[0]
        light = {"ink": "#1f2328", "muted": "#59636e", "bad": "#b31d28"}
        for name, colour in light.items():
            self.assertIn(colour, "".join(other.source for other in self.pictures))
            self.assertGreater(contrast(colour, "#ffffff"), 4.5, name)
            self.assertGreater(contrast(picture.dark(name), picture.dark("paper")), 4.5, name)
        self.assertGreater(contrast("#ffffff", "#0072b2"), 4.5)
        self.assertGreater(contrast(picture.dark("on"), picture.dark("working")), 4.5)
        self.assertGreater(contrast(light["ink"], "#cc79a7"), 4.5)
        self.assertGreater(contrast(picture.dark("over"), picture.dark("holding")), 4.5)

    def test_every_box_stands_out_from_the_paper(self):
        for picture in self.pictures:
            edges = {box.get("stroke") for box in picture.boxes if "edge" in box.get("class")}
            for colour in edges:
                self.assertGreater(contrast(colour, "#ffffff"), 3)
            self.assertGreater(contrast(picture.dark("edge", "stroke"), picture.dark("paper")), 3)

    def test_a_program_without_media_gets_the_light_one(self):
        for picture in self.pictures:
            for rule in re.findall(
                r"[^{}]+(?=\{[^{}]*:)", picture.style.split("@media")[1].split("{", 1)[1]
            ):
                self.assertTrue(rule.strip().startswith("svg:root "), rule)
            self.assertNotIn("paint-order", picture.source)
            for element in picture.texts + picture.boxes:
                self.assertRegex(element.get("fill"), r"^#\w{6}$")


class Slide(TestCase):
    def test_it_is_a_slide_whatever_is_on_it(self):
        for job in ("spawn 1 1", "spawn 40 1 --together", "pool 3 0", "barrier 2"):
            root = self.draw(job).root
            self.assertEqual((root.get("width"), root.get("height")), ("1280", "720"), job)

    def test_letters_are_for_the_last_row(self):
        picture = self.draw("barrier 4 --rounds 3 --for 2ms")
        sizes = {
            words: float(text.get("font-size")) for words, text in zip(picture.words, picture.texts)
        }
        self.assertEqual(sizes["%1 barrier 4 --rounds 3 --for 2ms"], 32)
        self.assertEqual(sizes["p1"], 22)
        self.assertGreaterEqual(min(sizes.values()), 20)

    def test_nothing_is_too_narrow_to_be_seen_or_says_nothing(self):
        picture = self.draw("pool 2 400 --chunk 1")
        self.assertGreater(len(picture.boxes), 10)
        for box in picture.boxes:
            self.assertGreaterEqual(float(box.get("width")), 1.99)
        bars = [box for box in picture.boxes if box.find(SVG + "title") is not None]
        self.assertTrue(
            any(
                re.match(r"Process-\d: (working|\d+ short phases)", bar.find(SVG + "title").text)
                for bar in bars
            )
        )
        # However many there are, a lane has room for so many.
        self.assertLess(len(picture.source), 600000)

    def test_every_round_is_labelled_or_counted(self):
        picture = self.draw("barrier 3 --rounds 30 --for 1ms")
        rounds = set()
        for text, words in zip(picture.texts, picture.words):
            if text.get("y") == picture.of("rounds").get("y") and re.fullmatch(
                r"\d+(-\d+)?", words
            ):
                first, _, last = words.partition("-")
                rounds |= set(range(int(first), int(last or first) + 1))
        self.assertEqual(rounds, set(range(1, 31)))

    def test_failures_catch_the_eye(self):
        picture = self.draw("spawn 3 --together --as crash --which 1")
        for words, bold, colour in (
            ("killed SIGSEGV", "bold", "#b31d28"),
            ("1 failed", "bold", "#b31d28"),
            ("exited 0", None, "#59636e"),
        ):
            self.assertEqual(
                (picture.of(words).get("font-weight"), picture.of(words).get("fill")),
                (bold, colour),
            )

    def test_signals_have_their_names(self):
        picture = self.draw("kill")
        self.assertIn("SIGTERM", picture.words)

    def test_the_share_of_a_core_is_told(self):
        picture = self.draw("spawn 4 --together --for 200ms")
        cores = len(os.sched_getaffinity(0))
        self.assertRegex(picture.words[1], rf"^4 workers on {cores} cores?, ")
        self.assertIn("CPU", picture.words)
        self.assertEqual(sum(bool(re.fullmatch(r"\d+ %", words)) for words in picture.words), 4)

    def test_two_hundred_workers_fit(self):
        picture = self.draw("spawn 200 --together --as crash --which 57")
        self.assertEqual(picture.root.get("height"), "720")
        names = [words for words in picture.words if words.startswith("Process-")]
        self.assertIn("Process-58", names)
        self.assertIn("killed SIGSEGV", picture.words)
        self.assertLess(len(names), 30)
        for text in picture.texts:
            self.assertGreaterEqual(float(text.get("font-size")), 20)

    def test_objects_have_lanes_and_arrows(self):
        picture = self.draw("lock 3 --for 20ms")
        tooltips = [title.text for title in picture.root.iter(SVG + "title")]
        self.assertEqual(
            sum(bool(re.match(r"p\d freed lock for p\d", words)) for words in tooltips), 2
        )
        picture = self.draw("semaphore 3 1 --for 5ms")
        self.assertIn("semaphore", picture.words)
        self.assertTrue(
            any(re.fullmatch(r"-?\d+ \(-?\d+ to \d+\)", words) for words in picture.words)
        )
        picture = self.draw("lock 2 --order AB,BA --for 50ms --timeout 300ms")
        self.assertIn("deadlock", picture.words)
        self.assertIn("has lock A", picture.words)
        self.assertIn("has lock B", picture.words)

    # What overlaps, and what reaches out of the picture, by the letters of a browser.
    MEASURE = """<script>
    const found = [];
    for (const svg of document.querySelectorAll('svg')) {
      const all = [...svg.querySelectorAll('text:not(.halo)')].map(text => {
        const box = text.getBoundingClientRect(), paper = svg.getBoundingClientRect();
        return [box.left - paper.left, box.top - paper.top, box.right - paper.left,
                box.bottom - paper.top, text.textContent];
      });
      for (const [left, top, right, bottom, words] of all) {
        if (left < 0 || top < 0 || right > 1280 || bottom > 720) found.push('outside: ' + words);
        for (const [l, t, r, b, other] of all)
          if (other < words && left < r - 1 && l < right - 1 && top < b - 6 && t < bottom - 6)
            found.push(words + ' over ' + other);
      }
    }
    const out = document.createElement('pre');
    out.id = 'seen';
    out.textContent = JSON.stringify(found);
    document.body.append(out);
    </script>"""

    @unittest.skipUnless(BROWSER, "needs chromium")
    def test_no_words_are_on_others_or_cut_off_in_a_browser(self):
        plot = os.path.join(self.folder, "plot.svg")
        run(f"scale pool 6 40 --export {plot}\n")
        jobs = (
            "barrier 3 --rounds 12 --for 5ms",
            "pool 3 30 --for 2ms --as crash --which 1",
            "queue 3 2",
            "lock 2 --order AB,BA --for 20ms --timeout 200ms",
            "spawn 200 --together",
            "kill",
            "name '%s' 10" % ("W" * 60),
            "spawn 32 --together --for 1ms",
        )
        pictures = [Picture(plot)] + [self.draw(job) for job in jobs]
        page = os.path.join(self.folder, "all.html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(
                "<meta charset=utf-8><body>" + "".join(p.source for p in pictures) + self.MEASURE
            )
        answer = subprocess.run(
            [
                BROWSER,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--dump-dom",
                "--user-data-dir=" + self.folder + "/profile",
                "file://" + page,
            ],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        seen = re.search(r'<pre id="seen">(.*?)</pre>', answer.stdout, re.S)
        self.assertTrue(seen, answer.stderr[-2000:])
        self.assertEqual(json.loads(seen[1]), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
