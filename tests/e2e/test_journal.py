"""The log where systemd's journal takes it: against a socket that stands in for the journal's."""

import os
import re
import socket
import struct
import subprocess

from harness import PATIENCE, Case, build_shim, pdf

SHIM = None


def setUpModule():
    global SHIM
    SHIM = build_shim("journal_shim.c", "-ldl")


def entry(datagram):
    """The fields of an entry in the journal's own protocol: NAME=value, or NAME, the length and the bytes."""
    fields, at = {}, 0
    while at < len(datagram):
        end = datagram.index(b"\n", at)
        name, sign, value = datagram[at:end].partition(b"=")
        at = end + 1
        if not sign:
            (length,) = struct.unpack_from("<Q", datagram, at)
            value = datagram[at + 8 : at + 8 + length]
            at += 8 + length + 1
        fields[name.decode()] = value.decode(errors="surrogateescape")
    return fields


class Journal(Case):
    def run_with_journal(self, stream=None, **options):
        """The entries of a run, and what its standard error has."""
        place = os.path.join(self.directory, "journal")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(place)
            journal.setblocking(False)
            with open(os.path.join(self.directory, "stderr"), "wb+") as stderr:
                st = os.fstat(stderr.fileno())
                environment = {**self.environment(), "LD_PRELOAD": SHIM, "MB_JOURNAL": place,
                               "JOURNAL_STREAM": stream or f"{st.st_dev}:{st.st_ino}"}
                command = self.command("run", self.input, sandbox=self.fast_sandbox(),
                                       options={**self.FAST, "log.level": "debug", "http.listen": "off", **options})
                with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr, env=environment) as process:
                    entries = []
                    while True:
                        ended = process.poll() is not None
                        try:
                            entries += [entry(journal.recv(1 << 20))]
                            continue
                        except BlockingIOError:
                            pass
                        if ended:
                            break
                        try:
                            process.wait(timeout=0.01)
                        except subprocess.TimeoutExpired:
                            pass
                stderr.seek(0)
                said = stderr.read().decode()
        os.unlink(place)
        return entries, said

    def test_each_event_has_its_fields(self):
        self.write_pdfs(2)
        name = self.write("two\nlines.pdf", pdf(9)).decode()
        self.write("empty.pdf", b"")
        entries, said = self.run_with_journal()
        self.assertNotIn("[run.start]", said)
        (begin,) = [e for e in entries if e["MB_EVENT"] == "run.start"]
        self.assertEqual(begin["PRIORITY"], "6")
        self.assertEqual(begin["SYSLOG_IDENTIFIER"], "mindee-batch")
        self.assertEqual(begin["MB_OUTPUT"], self.output)
        self.assertRegex(begin["MESSAGE"], r"^the run begins \(.*\[run\.start\]$")
        steps = [e for e in entries if e["MB_EVENT"] == "doc.step"]
        accepted = {e["MB_DOC"] for e in steps if (e["MB_STEP"], e.get("MB_CAUSE")) == ("accepted", "http_202")}
        self.assertEqual(len(accepted), 3)
        self.assertEqual({e["PRIORITY"] for e in steps}, {"7"})
        self.assertIn(name, [e.get("MB_PATH") for e in entries])
        rejected = [e for e in entries if e["MB_EVENT"] == "file.rejected"]
        self.assertEqual([(e["PRIORITY"], e["MB_REASON"]) for e in rejected], [("4", "empty")])
        ids = {e["MB_EVENT"]: e["MESSAGE_ID"] for e in entries}
        self.assertEqual(len(set(ids.values())), len(ids))
        self.assertEqual(ids["run.start"], "24694464a608882f83f15a51507d1575")
        for one in ids.values():
            self.assertRegex(one, r"^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$")

    def test_only_where_it_is_standard_error(self):
        self.write_pdfs(1)
        entries, said = self.run_with_journal(stream="1:2")
        self.assertEqual(entries, [])
        self.assertTrue(re.search(r"^\d{4}-\d\d-\d\dT.* info the run begins .*\[run\.start\]$", said, re.MULTILINE))

    def test_json_is_for_programs_that_read_lines(self):
        self.write_pdfs(1)
        entries, said = self.run_with_journal(**{"log.format": "json"})
        self.assertEqual(entries, [])
        self.assertIn('"event":"run.start"', said)
