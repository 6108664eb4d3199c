#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""export FILE.html: a page of its own, which works in a browser by keyboard alone."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from forklab import LIMIT, run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

# Walks through the page as a keyboard would, and writes down what it meets.
WALK = """<script>
const press = key => (document.activeElement || document.body).dispatchEvent(
  new KeyboardEvent('keydown', {key, bubbles: true}));
const told = () => document.getElementById('detail').textContent;
const seen = {};
const bar = document.querySelector('.slice');
bar.focus();
bar.dispatchEvent(new Event('focus'));
seen.first = told();
press('ArrowDown');
seen.below = told();
press('ArrowUp');
press('ArrowRight');
seen.next = told();
const bars = () => document.querySelectorAll('.slice').length;
seen.bars = bars();
const widths = [...document.querySelectorAll('.slice')].map(box => box.getAttribute('width'));
seen.narrowest = Math.min(...widths);
const axis = () => document.querySelector('#picture text').textContent;
for (let i = 0; i < 12; i++) press('+');
seen.zoomed = bars();
press('0');
seen.all = bars();
press('/');
seen.searching = document.activeElement.id;
document.activeElement.value = 'Process-2';
document.activeElement.dispatchEvent(new Event('input'));
seen.rows = [...document.querySelectorAll('#workers tbody tr')].filter(row => !row.hidden).length;
seen.found = document.getElementById('found').textContent;
document.activeElement.value = '';
document.activeElement.dispatchEvent(new Event('input'));
document.activeElement.blur();
press('n');
seen.other = document.title + ' ' + document.querySelectorAll('#workers tbody tr').length;
const out = document.createElement('pre');
out.id = 'seen';
out.textContent = JSON.stringify(seen);
document.body.append(out);
</script>"""


class Links(html.parser.HTMLParser):
    """All that an element would load, and the text of its scripts of data."""

    def __init__(self):
        super().__init__()
        self.loads, self.data, self.inside = [], "", False

    def handle_starttag(self, tag, attrs):
        self.loads += [value for name, value in attrs if name in ("src", "href")]
        self.inside = ("id", "data") in attrs

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.data += data if self.inside else ""


class Page(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "job.html")

    def export(self, commands, which=""):
        finished = run(f"{commands}\nexport {self.path}{which}\n", "-k")
        self.assertTrue(os.path.exists(self.path), finished.err)
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def data_of(self, page, job=0):
        links = Links()
        links.feed(page)
        self.assertEqual(links.loads, [])
        self.assertNotRegex(page, r"url\(|@import|fetch\(|XMLHttpRequest")
        jobs = json.loads(links.data)["jobs"]
        return jobs if job is None else jobs[job]

    def test_it_holds_the_job_and_nothing_from_elsewhere(self):
        data = self.data_of(self.export("spawn 3 --together --as crash --which 1"))
        self.assertEqual([lane["name"] for lane in data["lanes"]],
                         ["Process-1", "Process-2", "Process-3"])
        self.assertEqual([lane["failed"] for lane in data["lanes"]], [False, True, False])
        self.assertEqual(data["lanes"][1]["end"], "killed SIGSEGV")
        for lane in data["lanes"]:
            self.assertGreater(lane["cpu_ns"], 0)
            ends = [slice_["end_ns"] for slice_ in lane["slices"]]
            begins = [slice_["begin_ns"] for slice_ in lane["slices"]]
            self.assertTrue(all(a <= b for a, b in zip(ends, begins[1:])))
            self.assertLessEqual(ends[-1], data["end_ns"])
        self.assertTrue(any("SIGSEGV" in mark["text"] for mark in data["marks"]))
        self.assertTrue(any(">>>" in line for line in data["explain"]))

    def test_several_jobs_are_in_one_page(self):
        page = self.export("spawn 1 1\npool 2 4", " --all")
        jobs = self.data_of(page, None)
        self.assertEqual([job["title"] for job in jobs], ["%1 spawn 1 1", "%2 pool 2 4"])
        self.assertEqual([len(job["lanes"]) for job in jobs], [1, 2])

    def test_a_name_can_not_leave_the_data(self):
        page = self.export("name '</script><b>&' 10")
        data = self.data_of(page)
        self.assertIn("</script><b>&", data["lanes"][0]["name"])
        self.assertEqual(page.count("</script>"), 2)

    def test_waits_have_their_object(self):
        data = self.data_of(self.export("barrier 2 --without 0"))
        kinds = {slice_["kind"] for lane in data["lanes"] for slice_ in lane["slices"]}
        self.assertIn("waiting", kinds)
        texts = {slice_["text"] for lane in data["lanes"] for slice_ in lane["slices"]}
        self.assertTrue(any("barrier" in text for text in texts))

    @unittest.skipUnless(BROWSER, "needs chromium")
    def test_it_works_in_a_browser_by_keyboard_alone(self):
        page = self.export("pool 1 1\nspawn 3 --together --for 100ms", " %2 %1")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(page.replace("</body>", WALK + "</body>"))
        answer = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
             "--user-data-dir=" + self.folder.name + "/profile", "file://" + self.path],
            capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
        found = re.search(r'<pre id="seen">(.*?)</pre>', answer.stdout, re.S)
        self.assertTrue(found, answer.stderr[-2000:])
        seen = json.loads(found[1].replace("&amp;", "&").replace("&gt;", ">"))
        # The pool's worker was Process-1. No bar is too short to be walked to.
        lanes = self.data_of(page)["lanes"]
        self.assertEqual([lane["name"] for lane in lanes], ["Process-2", "Process-3", "Process-4"])
        for place, lane, at in (("first", 0, 0), ("below", 1, 0), ("next", 0, 1)):
            words = lanes[lane]["name"] + ": " + lanes[lane]["slices"][at]["text"]
            self.assertTrue(seen[place].startswith(words), (seen[place], words))
        self.assertEqual(seen["bars"], sum(len(lane["slices"]) for lane in lanes))
        self.assertGreaterEqual(seen["narrowest"], 2)
        self.assertLess(seen["zoomed"], seen["bars"])
        self.assertEqual(seen["all"], seen["bars"])
        self.assertEqual(seen["searching"], "search")
        self.assertEqual(seen["rows"], 1)
        self.assertEqual(seen["other"], "%1 pool 1 1 1")
        self.assertRegex(seen["found"], r"^[1-9]\d* found$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
