# SPDX-License-Identifier: GPL-3.0-or-later
"""race --step: the person at the prompt is the scheduler."""

import unittest

from harness import TerminalTest


class Step(TerminalTest):
    def test_each_step_is_asked_for_and_can_be_taken_back(self):
        terminal = self.start()
        terminal.see_prompt()
        terminal.enter("race --step")
        terminal.see(r"which goes\? 1 to 2")
        terminal.send("122b")
        terminal.see(r"(?m)^12 next:")
        terminal.send("2211")
        terminal.see("p2's step is lost")
        terminal.see("it went wrong; 'race --replay 122211'")

    def test_who_has_to_wait_can_not_go_and_q_leaves(self):
        terminal = self.start()
        terminal.see_prompt()
        terminal.enter("race --lock mutex --step")
        terminal.see(r"which goes\?")
        terminal.send("12")
        terminal.see("p2 takes A, but has to wait")
        terminal.see("p2 can't go now")
        terminal.send("q")
        terminal.see("left before the end")


if __name__ == "__main__":
    unittest.main()
