"""Commands about what is in a ledger need its directory alone: no INI, no key, no inputs; and they make no ledger."""

import os
import subprocess
import unittest

from harness import BINARY, Case

COMMANDS = (["status"], ["status", "--json"], ["explain", "note.txt"], ["verify"], ["verify", "--repair"],
            ["dismiss", "--lost"], ["dismiss", "note.txt"], ["retry", "--lost"], ["retry", "--failed"])


class Alone(Case):
    def setUp(self):
        super().setUp()
        self.nowhere = os.path.join(self.directory, "nowhere")
        os.mkdir(self.nowhere)
        self.service = self.fast_sandbox("--fail-rate", "1")
        self.write_pdfs(1)
        self.write("note.txt", b"words")
        self.run_batch(sandbox=self.service, expected=1)

    def said(self, words, *more, cwd=None, key=None):
        """Exit code and what it says, from a directory with nothing in it."""
        line = [BINARY, *[os.path.join(self.input, w) if w.endswith((".txt", ".pdf")) else w for w in words], *more]
        done = subprocess.run(line, cwd=cwd or self.nowhere, env=self.environment(key), capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def here(self, *options):
        return ["-s", f"output.directory={self.output}", *options]

    def expect(self, *options, cwd=None, given=None, needs="no API key"):
        """All of them do what they are for."""
        given = self.here(*options) if given is None else given
        expected = {"status": 0, "explain": 0, "verify": 1, "dismiss": 0, "retry": 1}
        for words in COMMANDS[:-1]:
            code, said = self.said(words, *given, cwd=cwd)
            wanted = 1 if words[0] == "retry" else expected[words[0]]
            self.assertEqual(code, wanted, f"{words}: {said}")
        self.assertIn("Mindee takes PDF", self.said(["explain", "note.txt"], *given, cwd=cwd)[1])
        code, said = self.said(["retry", "--failed"], *given, cwd=cwd)
        self.assertEqual(code, 2, said)
        self.assertIn(needs, said)
        self.assertEqual(os.listdir(self.nowhere), [])

    def test_from_elsewhere(self):
        self.expect()

    def test_beside_it(self):
        """As it is called where the run was."""
        os.rename(self.output, os.path.join(self.directory, "mindee-results"))
        self.expect(cwd=self.directory, given=[])

    def test_with_the_inputs_away(self):
        """A share that isn't mounted: the ledger says what it says, and verify that it couldn't look at them."""
        away = os.path.join(self.directory, "away")
        self.expect("-s", f"input.directory={away}", "-s", "api.key_file=/nowhere/key", "-s", f"input.move_failed={away}",
                    needs="api.key_file /nowhere/key")
        code, said = self.said(["verify"], *self.here("-s", f"input.directory={away}"))
        self.assertEqual(code, 1)
        self.assertIn("the inputs are not looked at", said)
        code, said = self.said(["verify", away], *self.here())
        self.assertEqual(code, 2, said)

    def test_a_retry_with_the_key_alone(self):
        """Each document carries its product, model and options; where its file is the ledger knows."""
        good = self.fast_sandbox("--seed", "5")
        where = self.here("-s", f"api.base_url={good.url}", "-s", f"limits.state={self.directory}/state",
                          "-s", f"input.directory={self.directory}/away", "-s", "polling.first_delay=50ms")
        code, said = self.said(["retry", "--failed"], *where, key="md_some_key_0123456789")
        self.assertEqual(code, 1, said)  # the rejected one
        self.assertEqual(self.summary()["stored"], 1)
        self.assertEqual(list(self.results()), [b"invoice-00000.pdf.json"])

    def test_a_mistyped_directory(self):
        """Exit 2, and nothing is made: neither where nothing is, nor in a directory that holds no ledger."""
        hollow = os.path.join(self.directory, "hollow")
        os.mkdir(hollow)
        for place in (os.path.join(self.directory, "mistyped"), hollow):
            for words in [*COMMANDS, ["ledger", "backup", f"{self.directory}/copy"], ["ledger", "restored", "--yes"]]:
                code, said = self.said(words, "-s", f"output.directory={place}", key="md_some_key_0123456789")
                self.assertEqual(code, 2, f"{words}: {said}")
                self.assertIn(f"{place}/ledger.db", said)
        self.assertEqual(os.listdir(hollow), [])
        self.assertFalse(os.path.exists(os.path.join(self.directory, "mistyped")))
        self.assertEqual(os.listdir(self.nowhere), [])


if __name__ == "__main__":
    unittest.main()
