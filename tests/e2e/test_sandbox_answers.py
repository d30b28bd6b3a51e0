"""sandbox --answers DIR: a user's own results, handed out as they are written; --record makes them from a run."""

import base64
import hashlib
import http.client
import json
import os
import re
import subprocess
import unittest

from harness import BINARY, Case, pdf, wait_for
from test_sandbox_values import INVOICES, OCR, values

SPLIT = "99999999-9999-4999-8999-000000050009"
EXACT = '{"fields":{"total":{"locations":[],"confidence":null,"value":12345678901234567890.10},"n":{"value":1e2}}}'


def answer(result):
    return '{"inference": {"id": "own", "result" : ' + result + ', "file": {"name": "own"}}}'


class Answers(Case):
    def setUp(self):
        super().setUp()
        self.answers = os.path.join(self.directory, "answers")
        os.mkdir(self.answers)

    def put(self, name, text):
        path = os.path.join(self.answers, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def serve(self, *options):
        return self.fast_sandbox("--answers", self.answers, *options)

    def enqueue(self, sandbox, product, body, content_type):
        connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=30)
        connection.request(
            "POST", f"/v2/products/{product}/enqueue", body, {"Authorization": "k", "Content-Type": content_type}
        )
        reply = connection.getresponse()
        job = json.loads(reply.read())
        connection.close()
        self.assertEqual(reply.status, 202, job)

        def url():
            _, text = sandbox.get(f"/v2/jobs/{job['job']['id']}?redirect=false", {"Authorization": "k"})
            return json.loads(text)["job"]["result_url"]

        status, text = sandbox.get(wait_for(url, "a result").split(str(sandbox.port), 1)[1], {"Authorization": "k"})
        self.assertEqual(status, 200)
        return text.decode()

    def send(self, sandbox, product, model, name, data):
        boundary = "BoUnDaRy"
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="model_id"\r\n\r\n{model}\r\n--{boundary}\r\n'
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        ).encode()
        body += data + f"\r\n--{boundary}--\r\n".encode()
        return self.enqueue(sandbox, product, body, f"multipart/form-data; boundary={boundary}")

    def result(self, text):
        """Of an answer, as it is written."""
        match = re.fullmatch(r'\{"inference":\{"id":"[^"]+","job":.*?"result":(.*?)(,"active_options":.*)?\}\}', text)
        self.assertTrue(match, text)
        return match[1]

    def test_by_digest_or_name_of_a_product_or_any(self):
        sha = hashlib.sha256(pdf(1)).hexdigest()
        self.put(f"extraction/{sha}.json", answer('{"a":1}'))
        self.put("extraction/a.pdf.json", answer('{"a":2}'))
        self.put(f"{sha}.json", answer('{"a":3}'))
        self.put("a.pdf.json", answer('{"a":4}'))
        self.put("notes.txt", "no answer")
        os.mkdir(os.path.join(self.answers, "folder.json"))
        sandbox = self.serve("--trace", os.devnull)  # they are no results of Mindee's
        for product, model, name, number, wanted in (
            ("extraction", INVOICES, "a.pdf", 1, '{"a":1}'),
            ("extraction", INVOICES, "a.pdf", 2, '{"a":2}'),
            ("ocr", OCR, "a.pdf", 1, '{"a":3}'),
            ("ocr", OCR, "a.pdf", 2, '{"a":4}'),
            ("ocr", OCR, "2026/a.pdf", 2, '{"a":4}'),
        ):
            self.assertEqual(self.result(self.send(sandbox, product, model, name, pdf(number))), wanted)
        for name in ("b.pdf", "../answers/a", "a", "extraction/a"):
            self.assertIn("SYNTHETIC", self.send(sandbox, "extraction", INVOICES, name, pdf(2)))

    def test_byte_for_byte_by_every_way_in(self):
        self.put("a.pdf.json", answer(EXACT))
        self.put("crop.pdf.json", answer('{"splits":[]}'))
        sandbox = self.serve("--trace", os.devnull)
        data = {"model_id": INVOICES, "filename": "a.pdf", "file_base64": base64.b64encode(pdf(1)).decode()}
        url = {"model_id": INVOICES, "url": "https://example.com/x/a.pdf?token=1"}
        texts = [
            self.send(sandbox, "extraction", INVOICES, "a.pdf", pdf(1)),
            self.enqueue(sandbox, "extraction", json.dumps(data), "application/json"),
            self.enqueue(sandbox, "extraction", json.dumps(url), "application/json"),
        ]
        for text in texts:
            self.assertEqual(self.result(text), EXACT)
            self.assertEqual(json.loads(text)["inference"]["file"]["name"], "a.pdf")
            self.assertNotEqual(json.loads(text)["inference"]["id"], "own")
        self.assertEqual(self.result(self.send(sandbox, "split", SPLIT, "crop.pdf", pdf(1))), '{"splits":[]}')

    def refused(self, *words):
        done = subprocess.run([BINARY, "sandbox", "--port", "0", *words], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_what_is_no_answer_is_named_at_the_start(self):
        for text in ("", "[1", '{"inference": {"result": 1}}', '{"inference": {}}', '{"result": {}}', "{}x", "[]"):
            self.put("ocr/bad one.json", text)
            self.assertIn("ocr/bad one.json", self.refused("--answers", self.answers))
        self.assertIn("nowhere", self.refused("--answers", os.path.join(self.directory, "nowhere")))
        self.assertIn("--answers", self.refused("--record", self.directory))
        self.assertIn("--record", self.refused("--anonymous"))
        self.assertIn("ledger", self.refused("--record", self.directory, "--answers", self.answers))

    def run_samples(self, sandbox, count=8):
        subprocess.run([BINARY, "sandbox", "--samples", str(count), "-q", self.input], check=True)
        self.finish(self.start("run", self.input, sandbox=sandbox, options=self.FAST), 0)
        return {name: text for name, text in self.stored()}

    def stored(self):
        root = os.path.join(self.output, "results")
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as f:
                    yield os.path.relpath(path, root)[: -len(".json")], f.read()

    def record(self, *words):
        target = os.path.join(self.directory, "recorded")
        done = subprocess.run(
            [BINARY, "sandbox", "--record", self.output, "--answers", target, *words], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return target, done.stdout

    def test_a_run_is_recorded_and_played_again(self):
        results = self.run_samples(self.fast_sandbox())
        target, said = self.record()
        self.assertIn(f"8 answers in {target}", said)
        self.assertEqual(len(os.listdir(target)), 8)
        again = self.fast_sandbox("--answers", target)
        for name, text in results.items():
            with open(os.path.join(self.input, name), "rb") as f:
                data = f.read()
            with open(os.path.join(target, hashlib.sha256(data).hexdigest() + ".json"), encoding="utf-8") as f:
                self.assertEqual(f.read(), text)
            played = self.send(again, "extraction", INVOICES, "another name.pdf", data)
            self.assertEqual(self.result(played), self.result(text))

    def test_anonymous_answers_keep_amounts_and_shape_but_no_text(self):
        results = self.run_samples(self.fast_sandbox())
        target, _ = self.record("--anonymous")
        kept = ("locale.", "document_type", "purchase_", "unit_measure", ".country")
        for name, text in results.items():
            with open(os.path.join(self.input, name), "rb") as f:
                sha = hashlib.sha256(f.read()).hexdigest()
            with open(os.path.join(target, sha + ".json"), encoding="utf-8") as f:
                hidden = f.read()
            found = json.loads(hidden)["inference"]
            self.assertEqual(list(found), ["result"])
            true = dict(values(json.loads(text)["inference"]["result"]["fields"]))
            false = dict(values(found["result"]["fields"]))
            self.assertEqual(list(true), list(false))
            for path, field in true.items():
                value, shown = field["value"], false[path]["value"]
                if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d", value) or any(k in path for k in kept):
                    self.assertEqual(shown, value, path)
                else:
                    self.assertNotEqual(shown, value, path)
                if path.endswith(".iban") and value:
                    text = shown.replace(" ", "")
                    self.assertEqual(int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97, 1)
                    self.assertEqual(len(shown), len(value))
            for path in ("supplier_name", "customer_name", "supplier_address.street_name", "line_items[1].description"):
                if true[path]["value"]:
                    self.assertNotIn(true[path]["value"], hidden, path)


if __name__ == "__main__":
    unittest.main()
