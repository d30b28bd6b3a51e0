"""What people read is in their words: of documents, files, pages and Mindee, never of this program's own machine."""

import os
import re
import unittest

from harness import Case, pdf, wait_for

# names for programs, which JSON and failures.csv have; the names of options stay names (limits.canary)
OURS = re.compile(
    r"(?<!limits\.)canary|walked|submitting|in_flight|in_doubt|\balias|adopt|orphan|journal|breaker|"
    r"http_\d|job_[a-z]|source_gone|\b[a-z_]+=\S|\bfrom=|->"
)


class Words(Case):
    def log_of(self, err):
        """The log's lines without the event's name behind each, by which it can be looked for."""
        lines = [line for line in err.splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line)]
        for line in lines:
            self.assertRegex(line, r" \[[a-z_]+\.[a-z_]+\]$")
        return [line[: line.rindex(" [")] for line in lines]

    def test_log_and_explain(self):
        faults = ("--fault", "post:500=0.3", "--fault", "post:reset-before=0.2", "--fault", "job:503=0.2")
        sandbox = self.fast_sandbox("--fail-rate", "0.4", "--seed", "3", *faults)
        self.write_pdfs(12)
        self.write("note.txt", b"words")
        self.write("copy.pdf", pdf(1))
        _, _, err = self.run_batch(sandbox=sandbox, expected=1, words=("-v",))
        lines = self.log_of(err)
        self.assertGreater(len(lines), 30)
        for line in lines:
            self.assertNotRegex(line, OURS)
        said = "\n".join(lines)
        for words in ("Mindee took it", "Mindee couldn't read it", "rejected, not sent: Mindee takes PDF",
                      "the run has ended"):
            self.assertIn(words, said)
        for name in sorted(os.listdir(self.input)):
            _, told, _ = self.finish(self.start("explain", os.path.join(self.input, name)), 0)
            self.assertNotRegex(told, OURS)
            self.assertRegex(told, r"(?m)^  \S+Z  it was found$")

    def test_what_a_document_cost_is_what_mindee_charged(self):
        """The answers to two uploads are lost, and both were taken: each page is charged twice."""
        sandbox = self.fast_sandbox("--fault", "post:reset-after=0.5", "--seed", "5")
        self.write_pdfs(8)
        self.run_batch(sandbox=sandbox, expected=0, options={"retry.max_resends": "20"})
        charged, at_risk = 0, 0
        for name in os.listdir(self.input):
            _, told, _ = self.finish(self.start("explain", os.path.join(self.input, name)), 0)
            charged += int(re.search(r"(?m)^  cost    (\d+) pages? charged$", told)[1])
            risk = re.search(r"(?m)^  cost    (\d+) pages? that may have been charged besides:", told)
            at_risk += int(risk[1]) if risk else 0
        self.assertGreater(at_risk, 0)
        self.assertEqual(charged, self.summary()["credits"])
        self.assertEqual(charged + at_risk, sandbox.stats()["charged_pages"])

    def test_no_results_no_word_of_them(self):
        sandbox = self.sandbox("--key", "another")
        self.write_pdfs(2)
        _, out, err = self.run_batch(sandbox=sandbox, expected=4)
        self.assertNotIn("results are in", out + err)
        self.assertIn("what isn't stored is in ", out)

    def test_too_fast_is_said_once(self):
        sandbox = self.sandbox("--post-per-minute", "2", "--get-per-minute", "0", "--latency-median", "30ms")
        self.write_pdfs(12)
        log = os.path.join(self.directory, "log")
        options = {**self.FAST, "limits.canary": "0", "log.file": log}
        run = self.start("run", self.input, sandbox=sandbox, options=options)
        try:
            wait_for(lambda: os.path.exists(log) and "too fast" in self.read(log), "the line")
        finally:
            run.terminate()
            self.finish(run)
        said = [line for line in self.read(log).splitlines() if "too fast" in line]
        times = [int(re.search(r"\(times (\d+)", line)[1]) for line in said]
        self.assertLessEqual(len(said), 2, said)  # the heap, and what came to the end
        self.assertEqual(sum(times), sandbox.stats()["posts_429"])
        self.assertGreater(times[0], 2)
        self.assertNotIn("-1ms", said[0])

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8") as f:
            return f.read()

    def test_failures_are_where_they_are_now(self):
        sandbox = self.fast_sandbox()
        self.write("note.txt", b"words")
        self.write_pdfs(1)
        aside = os.path.join(self.directory, "aside")
        self.run_batch(sandbox=sandbox, expected=1, options={"input.move_rejected": aside})
        (row,) = self.failures()
        self.assertEqual(row["path"], os.path.join(aside, "note.txt"))
        self.assertTrue(os.path.exists(row["path"]))

    def test_a_pdf_for_an_ini_is_one_error(self):
        self.write_pdfs(1)
        _, _, err = self.finish(self.start("run", words=("-c", os.path.join(self.input, "invoice-00000.pdf"))), 2)
        self.assertEqual(len(err.splitlines()), 1, err)
        self.assertIn("this is a PDF, not an INI file", err)


if __name__ == "__main__":
    unittest.main()
