"""A run as a person sees it on a terminal of 40, 80 and 120 columns: its lines never wrap, and what was drawn goes."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
import unittest

from harness import PATIENCE, Case, wait_for

WIDTHS = (40, 80, 120)
STEP = re.compile(r"\x1b\[(\d+)A|\x1b\[J|[^\x1b]")


class Terminal:
    """What a terminal WIDTH columns wide shows of what is written to it."""

    def __init__(self, width):
        self.width, self.rows, self.row, self.column, self.wrapped = width, [""], 0, 0, []

    def feed(self, text):
        for step in STEP.finditer(text):
            if step[1]:
                self.row = max(self.row - int(step[1]), 0)
            elif step[0] == "\x1b[J":
                self.rows[self.row] = self.rows[self.row][: self.column]
                del self.rows[self.row + 1 :]
            elif step[0] == "\r":
                self.column = 0
            elif step[0] == "\n":
                self.row, self.column = self.row + 1, 0
                self.rows += [""] * (self.row + 1 - len(self.rows))
            else:
                self.put(step[0])

    def put(self, character):
        if self.column == self.width:
            self.wrapped.append(self.rows[self.row])
            self.row, self.column = self.row + 1, 0
            self.rows += [""] * (self.row + 1 - len(self.rows))
        row = self.rows[self.row].ljust(self.column)
        self.rows[self.row] = row[: self.column] + character + row[self.column + 1 :]
        self.column += 1


class Display(Case):
    def run_shown(self, width, sandbox, options=None, stop_at=None):
        """Runs on a terminal of its own. Its frames as they stood, what is left at the end, and the exit code; ^C is
        typed once STOP_AT is shown."""
        settings = {**self.FAST, "log.level": "error", "output.directory": os.path.join(self.directory, f"out-{width}"),
                    **(options or {})}
        line = self.command("run", self.input, sandbox=sandbox, options=settings)
        child, master = pty.fork()
        if child == 0:
            fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
            os.chdir(self.directory)
            os.execve(line[0], line, self.environment())
        terminal, frames, held, end = Terminal(width), [], "", time.monotonic() + PATIENCE
        try:
            while time.monotonic() < end:
                if not select.select([master], [], [], 1)[0]:
                    continue
                try:
                    data = os.read(master, 65536)
                except OSError:  # the other end is closed
                    break
                if not data:
                    break
                held += data.decode()
                while (cut := held.find("\r\x1b[", 1)) > 0:  # the next frame begins by taking this one away
                    terminal.feed(held[:cut])
                    frames.append("\n".join(terminal.rows).rstrip())
                    held = held[cut:]
                    if stop_at and stop_at in frames[-1]:
                        os.write(master, b"\x03")
                        stop_at = None
            wrapped = terminal.wrapped[:]
            terminal.feed(held)  # and what is said at the end, which is as long as it is
        finally:
            os.close(master)
            _, status = os.waitpid(child, 0)
        self.assertEqual(wrapped, [], f"{width} columns")
        return frames, "\n".join(terminal.rows).strip(), os.waitstatus_to_exitcode(status)

    def slow_sandbox(self):
        return self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "700ms",
                            "--latency-sigma", "0.2")

    def test_from_the_first_to_the_last(self):
        self.write_pdfs(24)
        for width in WIDTHS:
            frames, left, code = self.run_shown(width, self.slow_sandbox(), {"limits.uploads": "4"})
            self.assertEqual(code, 0, left)
            self.assertTrue(any(" of 24" in frame and "in the last minute" in frame for frame in frames), frames)
            self.assertTrue(any("processing" in frame and "to send" in frame for frame in frames), frames)
            self.assertNotIn(" so far", left, "what was drawn is gone")

    def test_waiting_for_the_limit_and_ended_by_hand(self):
        self.write_pdfs(12)
        for width in WIDTHS:
            options = {"limits.post_per_minute": "5", "limits.canary": "0",
                       "limits.state": os.path.join(self.directory, f"state-{width}")}
            frames, left, code = self.run_shown(width, self.slow_sandbox(), options, "waits for the limit a minute")
            self.assertEqual(code, 5, left)
            shown = next(frame for frame in frames if "waits for the limit a minute" in frame)
            for words in ("in the last minute (limit 5)", "about ", " to go", "to send 7"):
                self.assertIn(words, shown)

    def test_while_mindee_cannot_be_reached(self):
        self.write_pdfs(3)
        nobody = {"api.base_url": f"http://127.0.0.1:{self.refusing_port()}"}
        for width in WIDTHS:
            frames, _, code = self.run_shown(width, None, nobody, stop_at="Mindee, which can't be")
            self.assertEqual(code, 5)
            self.assertTrue(any("Mindee, which can't be" in frame for frame in frames), frames)


@unittest.skipUnless(shutil.which("tmux"), "needs tmux")
class Tmux(Case):
    def tmux(self, *words):
        line = ["tmux", "-S", os.path.join(self.directory, "tmux"), *words]
        return subprocess.run(line, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env=self.environment()).stdout

    def is_served(self):
        try:
            return self.tmux("list-sessions")
        except subprocess.CalledProcessError:
            return ""  # it ends with its last program

    def test_in_a_terminal_that_people_use(self):
        self.write_pdfs(40)
        sandbox = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "1s")
        for width in WIDTHS:
            options = {**self.FAST, "log.level": "error", "limits.uploads": "2",
                       "output.directory": os.path.join(self.directory, f"out-{width}")}
            line = self.command("run", self.input, sandbox=sandbox, options=options)
            self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", str(width), "-y", "24",
                      "-c", self.directory, *line)
            try:
                wait_for(lambda: " so far" in self.tmux("capture-pane", "-p", "-t", "s"), "the display")
                for _ in range(3):  # both at one moment; -J joins what the terminal has wrapped
                    both = self.tmux("capture-pane", "-p", "-t", "s", ";", "capture-pane", "-pJ", "-t", "s")
                    lines = [text.rstrip() for text in both.splitlines() if text.strip()]
                    half = len(lines) // 2
                    self.assertEqual(lines[:half], lines[half:], f"{width} columns")
                    self.assertIn("so far", both)
            finally:
                pid = int(self.tmux("list-panes", "-t", "s", "-F", "#{pane_pid}"))
                os.kill(pid, signal.SIGKILL)
                wait_for(lambda: not self.is_served(), "the end")


if __name__ == "__main__":
    unittest.main()
