"""The recipes of mindee-batch-sandbox(1), as they stand on the page, with other ports and fewer documents."""

import http.server
import json
import os
import re
import signal
import subprocess
import threading
import unittest

from harness import BINARY, PATIENCE, Case, free_port

PAGE = os.path.join(os.path.dirname(BINARY), "manual", "mindee-batch-sandbox.1")
# What stands in for curl and jq, so that neither has to be there.
TOOLS = """
mindee-batch() { "$BINARY" "$@"; }
curl() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$2"; }
jq() { python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)[sys.argv[1][1:]]))' "$1"; }
"""


def recipes():
    with open(PAGE, encoding="utf-8") as f:
        text = f.read().split(".Sh EXAMPLES\n")[1].split(".Sh ")[0]
    for roff, plain in (("\\(aq", "'"), ("\\(ga", "`"), ("\\(ti", "~"), ("\\(ha", "^"), ("\\&", ""), ("\\e", "\\")):
        text = text.replace(roff, plain)
    return re.findall(r"\.Ss (.*?)\n.*?\.Bd -literal -compact\n(.*?)\.Ed\n", text, re.S)


@unittest.skipUnless(os.path.exists(PAGE), "the manual's pages aren't built")
class Recipes(Case):
    def receiver(self):
        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def play(self, lines, **replaced):
        lines = lines.replace("8089", str(free_port())).replace("8080", str(replaced.get("hook", 8080)))
        lines = re.sub(r"--samples \d+", "--samples 12", lines)
        # An address that is announced is one that answers: the recipes are a person's, who is slower.
        lines = re.sub(r"^(export .*)$", r"\1\nuntil curl -s $MINDEE_V2_BASE_URL/sandbox/stats >/dev/null 2>&1; do sleep 0.1; done", lines, flags=re.M)
        process = subprocess.Popen(["bash", "-e", "-c", TOOLS + lines], cwd=self.directory, env={**os.environ, "BINARY": BINARY},
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        said = []
        reader = threading.Thread(target=lambda: said.append(process.stdout.read()), daemon=True)
        reader.start()
        try:
            code = process.wait(timeout=PATIENCE)
        finally:
            try:
                os.killpg(process.pid, signal.SIGTERM) # the sandboxes that a recipe leaves to its reader
            except ProcessLookupError:
                pass
        reader.join(timeout=PATIENCE)
        process.stdout.close()
        self.assertEqual(code, 0, said)
        return said[0]

    def test_them(self):
        found = dict(recipes())
        self.assertEqual(list(found), ["A job of CI", "A load test of one's own receiver", "A demonstration without a key"])
        with self.subTest("CI"):
            os.makedirs(os.path.join(self.directory, "tests"))
            subprocess.run([BINARY, "sandbox", "--samples", "12", os.path.join(self.directory, "tests", "invoices")], check=True, stdout=subprocess.DEVNULL)
            self.play(found["A job of CI"])
            self.assertEqual(self.stored(), 12)
        with self.subTest("load"):
            said = self.play(found["A load test of one's own receiver"], hook=self.receiver())
            numbers = json.loads(said.strip().splitlines()[-1])
            self.assertGreater(numbers["attempted"], 0)
        with self.subTest("demonstration"):
            self.assertIn("12", self.play(found["A demonstration without a key"]))
            self.assertEqual(self.stored(), 12)

    def stored(self):
        summary = self.summary()
        os.rename(self.output, self.output + str(len(os.listdir(self.directory))))
        return summary["stored"]


if __name__ == "__main__":
    unittest.main()
