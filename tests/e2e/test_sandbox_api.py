"""The sandbox against Mindee's OpenAPI: good and bad requests of every field and route, in a table. Each row says what
the sandbox answers; where the description is at hand, a validator says what it makes of the same request, and a row
where the two differ has to say why. What else Mindee's documentation and SDKs know is tested beside.
"""

import base64
import http.client
import json
import os
import re
import socket
import subprocess
import unittest
import urllib.parse

from harness import BINARY, KEY, SHARED, Case, pdf, wait_for

PEER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peer")
OPENAPI = os.path.join(SHARED, "mindee-api", "openapi.yaml")
MODELS = {
    "extraction": "11111111-1111-4111-8111-0000000e0001",
    "classification": "33333333-3333-4333-8333-0000000c0003",
    "crop": "44444444-4444-4444-8444-0000000c0004",
    "split": "55555555-5555-4555-8555-000000050005",
    "ocr": "66666666-6666-4666-8666-0000000c0006",
}
HOOKS = ["aaaaaaaa-1111-4111-8111-0000000e0001", "aaaaaaaa-1111-4111-8111-0000000e0002"]
STRANGER = "99999999-9999-4999-8999-999999999999"
NIL = "00000000-0000-0000-0000-000000000000"
V1 = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
URL = "https://example.com/invoice.pdf"
BASE64 = base64.b64encode(pdf(1)).decode()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
M, J, U = "multipart/form-data", "application/json", "application/x-www-form-urlencoded"

# Why an answer isn't what the description alone would make of a request.
UNKNOWN_MODEL = "that no such model is there is no matter of form"
OTHER_PRODUCT = "the model's product is no matter of form"
UNKNOWN_HOOK = "which webhooks a model has is no matter of form"
ONE_SOURCE = "its words: \"Required if `url` is not provided\"; and what is to be read has to be one thing"
HTTPS_ONLY = 'its words: "must be secure (HTTPS)"'
FILE_BYTES = "what a file must be is in the documentation, not in the description"
BASE64_WORDS = 'its words: "a base 64 string"; the schema knows its length alone'
URLENCODED = "Mindee's Python SDK sends URLs so; the description doesn't name the type"


def field(**more):
    whole = {"name": "total", "title": "Total", "description": "What is due", "is_array": False, "type": "number"}
    whole.update(more)
    return {k: v for k, v in whole.items() if v != "absent"}


def schema(*fields, **more):
    return json.dumps({"replace": {"fields": list(fields)}, **more})


class Row:
    """One enqueue. STATUS is the sandbox's answer, POINTER where its error points; WHY: see above."""

    def __init__(self, what, fields, status=202, pointer=None, why=None, product="extraction", type=M, path=None):
        self.what, self.fields, self.status, self.pointer = what, fields, status, pointer
        self.why, self.type = why, type
        self.path = path or f"/v2/products/{product}/enqueue"


def file_and(product="extraction", file=None, **fields):
    return {"model_id": MODELS[product], "file": pdf(1) if file is None else file, **fields}


def url_and(product="extraction", **fields):
    return {"model_id": MODELS[product], "url": URL, **fields}


def rows_of_every_product():
    for product in MODELS:
        yield Row(f"{product}: a file", file_and(product), product=product)
        yield Row(f"{product}: an URL", url_and(product), product=product)
        yield Row(f"{product}: an URL as JSON", url_and(product), product=product, type=J)
        yield Row(f"{product}: an URL urlencoded", url_and(product), product=product, type=U, why=URLENCODED)
        yield Row(f"{product}: base64 as JSON", {"model_id": MODELS[product], "file_base64": BASE64}, product=product, type=J)
        yield Row(f"{product}: no model", {"file": pdf(1)}, 422, "#/model_id", product=product)
        yield Row(f"{product}: nothing to read", {"model_id": MODELS[product]}, 422, "#/file", ONE_SOURCE, product=product)
        yield Row(f"{product}: alias and filename", file_and(product, alias="a", filename="b.pdf"), product=product)
        other = MODELS["ocr" if product != "ocr" else "crop"]
        yield Row(f"{product}: another product's model", {"model_id": other, "file": pdf(1)}, 422, "#/model_id", OTHER_PRODUCT, product)
        # What only extraction has is an unknown field to the others, and ignored.
        if product != "extraction":
            yield Row(f"{product}: raw_text=banana", file_and(product, raw_text="banana"), product=product)
            yield Row(f"{product}: no schema", url_and(product, data_schema=[1]), product=product, type=J)


def rows_of_model_id():
    for what, value, status, why in [
        ("upper case", MODELS["extraction"].upper(), 202, None), ("the nil UUID", NIL, 422, None),
        ("version 1", V1, 422, None), ("no UUID", "invoices", 422, None), ("empty", "", 422, None),
        ("a stranger", STRANGER, 404, UNKNOWN_MODEL),
    ]:
        for type in (M, J, U):
            fields = {"model_id": value, "url": URL}
            pointer = "#/model_id" if status == 422 else None
            if type == U: # described as no type at all
                why = URLENCODED if status == 202 else None
            yield Row(f"model_id: {what}", fields, status, pointer, why, type=type)
    yield Row("model_id: a number", {"model_id": 5, "url": URL}, 422, "#/model_id", type=J)
    yield Row("model_id: null", {"model_id": None, "url": URL}, 422, "#/model_id", type=J)


def rows_of_sources():
    yield Row("file: empty", file_and(file=b""), 422, "#/file", FILE_BYTES)
    yield Row("file: a picture", file_and(file=PNG))
    yield Row("file: text", file_and(file=b"hello"), 422, "#/file", FILE_BYTES)
    yield Row("file: ZIP", file_and(file=b"PK\3\4" + bytes(40)), 422, "#/file", FILE_BYTES)
    yield Row("file: a PDF's header alone", file_and(file=b"%PDF-1.4"), 422, "#/file", FILE_BYTES)
    yield Row("file: a PDF's first bytes", file_and(file=pdf(1)[:120]), 422, "#/file", FILE_BYTES)
    yield Row("file: a PDF with a password", file_and(file=pdf(1).replace(b"/Root", b"/Encrypt 9 0 R/Root")), 422, "#/file", FILE_BYTES)
    yield Row("url: http", url_and(url="http://example.com/a.pdf"), 422, "#/url", HTTPS_ONLY)
    yield Row("url: no URL", url_and(url="invoice"), 422, "#/url")
    yield Row("url: a blank in it", url_and(url="https://example.com/a b"), 422, "#/url")
    yield Row("url: 2,048 characters", url_and(url="https://example.com/".ljust(2048, "a")))
    yield Row("url: 2,049 characters", url_and(url="https://example.com/".ljust(2049, "a")), 422, "#/url")
    yield Row("url: a number", url_and(url=7), 422, "#/url", type=J)
    yield Row("url: empty, in a form", file_and(url=""))
    yield Row("url: null", {"model_id": MODELS["extraction"], "url": None, "file_base64": BASE64}, type=J)
    yield Row("file_base64: in a form", {"model_id": MODELS["extraction"], "file_base64": BASE64})
    yield Row("file_base64: 14 characters", {"model_id": MODELS["extraction"], "file_base64": "JVBERi0xLjQgYQ"}, 422, "#/file_base64", type=J)
    yield Row("file_base64: none", {"model_id": MODELS["extraction"], "file_base64": "!" * 20}, 422, "#/file_base64", BASE64_WORDS, type=J)
    yield Row("file_base64: of no document", {"model_id": MODELS["extraction"], "file_base64": "aGVsbG8gaGVsbG8gaGVsbG8="}, 422, "#/file_base64", FILE_BYTES, type=J)
    yield Row("file_base64: a list", {"model_id": MODELS["extraction"], "file_base64": [BASE64]}, 422, "#/file_base64", type=J)
    yield Row("a file and an URL", file_and(url=URL), 422, "#/file", ONE_SOURCE)
    yield Row("a file and base64", file_and(file_base64=BASE64), 422, "#/file", ONE_SOURCE)
    yield Row("an URL and base64", url_and(file_base64=BASE64), 422, "#/file", ONE_SOURCE, type=J)


def rows_of_texts():
    for name in ("alias", "filename", "text_context"):
        for value in ("x", "Zürich 发票 \"'<>&", "a" * 3000):
            yield Row(f"{name}: {value[:20]}", url_and(**{name: value}))
            yield Row(f"{name}: {value[:20]}, JSON", url_and(**{name: value}), type=J)
        yield Row(f"{name}: null", url_and(**{name: None}), type=J)
        yield Row(f"{name}: a number", url_and(**{name: 5}), 422, f"#/{name}", type=J)
        yield Row(f"{name}: a boolean", url_and(**{name: True}), 422, f"#/{name}", type=J)


def rows_of_flags():
    for name in ("rag", "raw_text", "polygon", "confidence"):
        for value in ("true", "False", "1", "no", ""):
            yield Row(f"{name}={value}", file_and(**{name: value}))
        for value in ("banana", "2", "tru"):
            yield Row(f"{name}={value}", file_and(**{name: value}), 422, f"#/{name}")
            yield Row(f"{name}: {value}, JSON", url_and(**{name: value}), 422, f"#/{name}", type=J)
        for value in (True, False, None):
            yield Row(f"{name}: {value}, JSON", url_and(**{name: value}), type=J)
        yield Row(f"{name}: a list", url_and(**{name: [True]}), 422, f"#/{name}", type=J)


def rows_of_webhooks():
    for type in (M, J):
        yield Row("webhook_ids: one", url_and(webhook_ids=HOOKS[:1]), type=type)
        yield Row("webhook_ids: two", url_and(webhook_ids=HOOKS), type=type)
        yield Row("webhook_ids: by commas", url_and(webhook_ids=",".join(HOOKS)), type=type)
        for bad in ("x", NIL, V1):
            yield Row(f"webhook_ids: {bad}", url_and(webhook_ids=[bad]), 422, "#/webhook_ids", type=type)
        yield Row("webhook_ids: a stranger", url_and(webhook_ids=[STRANGER]), 422, "#/webhook_ids", UNKNOWN_HOOK, type=type)
    yield Row("webhook_ids: none, JSON", url_and(webhook_ids=[]), type=J)
    yield Row("webhook_ids: numbers", url_and(webhook_ids=[1]), 422, "#/webhook_ids", type=J)
    yield Row("webhook_ids: an object", url_and(webhook_ids={}), 422, "#/webhook_ids", type=J)


def rows_of_schemas():
    good = [
        "{}", '{"replace": null}', schema(), schema(field()), schema(field(is_array=True, unique_values=True)),
        schema(field(guidelines=None)), schema(field(guidelines="Two decimals.")), schema(field(other=[1])),
        schema(field(type="classification", classification_values=["a", "b"])),
        schema(field(type="nested_object", nested_fields=[field(), field(name="b", type="date")])),
        schema(field(), other=5),
    ] + [schema(field(type=t)) for t in ("string", "number", "date", "boolean", "nested_object", "object_detection", "barcode")]
    bad = [
        "", "{", "[]", "7", '"x"', '{"replace": []}', '{"replace": {}}', '{"replace": {"fields": {}}}', schema(1),
        schema(field(name=5)), schema(field(title=None)), schema(field(type="money")), schema(field(type=None)),
        schema(field(is_array="yes?")), schema(field(unique_values=3)), schema(field(guidelines=3)),
        schema(field(classification_values="a")), schema(field(classification_values=[1])), schema(field(nested_fields=7)),
        schema(field(type="nested_object", nested_fields=[field(type="nested_object")])),
        schema(field(type="nested_object", nested_fields=[field(title="absent")])),
    ] + [schema(field(**{name: "absent"})) for name in ("name", "title", "type", "is_array", "description")]
    for type in (M, J):
        for text in good:
            yield Row(f"data_schema: {text}", url_and(data_schema=text), type=type)
        for text in bad[1:]:
            yield Row(f"data_schema: {text}", url_and(data_schema=text), 422, "#/data_schema", type=type)
    yield Row("data_schema: empty, in a form", url_and(data_schema=""))
    yield Row("data_schema: null", url_and(data_schema=None), type=J)
    yield Row("data_schema: an object", url_and(data_schema={}), 422, "#/data_schema", type=J)


def rows_of_the_rest():
    for type in (M, J):
        yield Row("unknown keys", url_and(colour="red", file_url=URL), type=type)
    yield Row("unknown keys of any type", url_and(colour={"a": [1]}), type=J)
    yield Row("the old path", file_and(), path="/v2/inferences/enqueue")
    yield Row("the old path, JSON", url_and(), path="/v2/inferences/enqueue", type=J)
    yield Row("text", {}, 422, type="text/plain")


def all_rows():
    for rows in (rows_of_every_product, rows_of_model_id, rows_of_sources, rows_of_texts, rows_of_flags, rows_of_webhooks,
                 rows_of_schemas, rows_of_the_rest):
        yield from rows()


# (path, status, why); J and I stand for a job's and an inference's id, of extraction.
GETS = [
    ("/v2/jobs/J", 302, None), ("/v2/jobs/J?redirect=false", 200, None), ("/v2/jobs/J?redirect=0", 200, None),
    ("/v2/jobs/J?redirect=true", 302, None), ("/v2/jobs/J?redirect=banana", 422, None), ("/v2/jobs/J?redirect=", 422, None),
    (f"/v2/jobs/{STRANGER}", 404, "whether a job is there is no matter of form"), (f"/v2/jobs/{NIL}", 422, None),
    (f"/v2/jobs/{V1}", 422, None), ("/v2/jobs/x", 422, None),
    ("/v2/inferences/I", 200, None), (f"/v2/inferences/{NIL}", 422, None),
    ("/v2/products/extraction/results/I", 200, None),
]
for _product in MODELS:
    _path = f"/v2/products/{_product}/results/"
    GETS += [(_path + STRANGER, 404, "whether an inference is there is no matter of form"), (_path + NIL, 422, None),
             (_path + V1, 422, None), (_path + "x", 422, None)]

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")


def encode(row):
    if row.type == J:
        return J, json.dumps(row.fields).encode()
    if row.type == U:
        return U, urllib.parse.urlencode(row.fields).encode()
    if row.type != M:
        return row.type, b"text"
    body = b""
    for name, value in row.fields.items():
        for one in value if isinstance(value, list) else [value]:
            more = '; filename="invoice.pdf"' if name == "file" else ""
            data = one if isinstance(one, bytes) else str(one).encode()
            body += f'--B\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data + b"\r\n"
    return M + "; boundary=B", body + b"--B--\r\n"


class SandboxApi(Case):
    def setUp(self):
        super().setUp()
        self.box = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "0ms")

    def ask(self, method, path, body=None, type=None):
        connection = http.client.HTTPConnection(self.box.host, self.box.port, timeout=30)
        headers = {"Authorization": KEY, **({"Content-Type": type} if type else {})}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, json.loads(data)

    def enqueue(self, row):
        type, body = encode(row)
        return self.ask("POST", row.path, body, type)

    def accepted(self, fields, **more):
        status, answer = self.enqueue(Row("", fields, **more))
        self.assertEqual(status, 202, answer)
        return answer["job"]

    def result_of(self, job):
        status, answer = self.ask("GET", f"/v2/jobs/{job['id']}?redirect=false")
        self.assertEqual((status, answer["job"]["status"]), (200, "Processed"))
        return self.ask("GET", urllib.parse.urlparse(answer["job"]["result_url"]).path)[1]

    def test_every_field(self):
        for row in all_rows():
            with self.subTest(row.what, type=row.type):
                status, answer = self.enqueue(row)
                self.assertEqual(status, row.status, answer)
                if status != 202:
                    self.assertEqual((answer["status"], answer["code"][:3]), (status, str(status)))
                    self.assertEqual([e["pointer"] for e in answer["errors"]], [row.pointer] if row.pointer else [])

    def gets(self):
        job = self.accepted(file_and())
        inference = self.result_of(job)["inference"]["id"]
        for path, status, why in GETS:
            yield path.replace("/J", "/" + job["id"]).replace("/I", "/" + inference), status, why

    def test_every_route(self):
        for path, wanted, _ in self.gets():
            with self.subTest(path):
                status, answer = self.ask("GET", path)
                self.assertEqual(status, wanted, answer)

    def test_no_difference_is_unexplained(self):
        """The same requests, as an independent validator reads Mindee's description."""
        requests, told = [], []
        for row in all_rows():
            fields = {k: v.decode("latin-1") if isinstance(v, bytes) else v for k, v in row.fields.items()}
            requests.append({"method": "POST", "path": row.path, "type": row.type, "fields": fields})
            told.append((row.what, row.type, row.status, row.why))
        for path, status, why in self.gets():
            parts = urllib.parse.urlparse(path)
            query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
            requests.append({"method": "GET", "path": parts.path, "query": query})
            told.append((path, "GET", status, why))
        cache = os.path.join(os.path.dirname(os.environ.get("MINDEE_BATCH", "build/mindee-batch")), "peer")
        done = subprocess.run([os.path.join(PEER, "openapi"), cache, OPENAPI, "requests"], input=json.dumps(requests).encode(),
                              capture_output=True)
        if done.returncode == 77:
            self.skipTest(done.stdout.decode().strip().removeprefix("skipped: "))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        for (what, type, status, why), verdict in zip(told, json.loads(done.stdout), strict=True):
            with self.subTest(what, type=type):
                differs = (status < 400) != (verdict is None)
                self.assertEqual(differs, why is not None, f"{status} here; the description says {verdict or 'fine'}")

    def test_a_chunked_get_without_a_body(self):
        """As Ruby's SDK sends it: announced, and neither a chunk nor the end of them."""
        for path, status in (("/v2/search/models", 200), (f"/v2/jobs/{STRANGER}", 404)):
            with socket.create_connection((self.box.host, self.box.port), timeout=20) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {KEY}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
                answer = b""
                while piece := s.recv(65536):
                    answer += piece
            self.assertIn(f" {status} ".encode(), answer.split(b"\r\n")[0])
            json.loads(answer.split(b"\r\n\r\n", 1)[1])

    def test_webhooks_from_the_first_answer_on(self):
        dead = f"http://127.0.0.1:{self.refusing_port()}/"
        self.box = self.fast_sandbox("--webhook", f"{HOOKS[0]}={dead},s", "--webhook", f"{HOOKS[1]}={dead},s",
                                     "--webhook-retries", "1", "--webhook-pause", "10ms")
        job = self.accepted(file_and(webhook_ids=HOOKS[::-1]))
        self.assertEqual([w["id"] for w in job["webhooks"]], HOOKS[::-1])
        for hook in job["webhooks"]:
            self.assertEqual((hook["status"], hook["error"]), ("Processing", None))
            self.assertRegex(hook["created_at"], STAMP)

        def ended():
            hooks = self.ask("GET", f"/v2/jobs/{job['id']}?redirect=false")[1]["job"]["webhooks"]
            return hooks if all(h["status"] != "Processing" for h in hooks) else None

        for hook in wait_for(ended, "the webhooks' end"):
            self.assertEqual((hook["status"], hook["attempts_count"]), ("Failed", 2))
            self.assertGreaterEqual(hook["error"]["status"], 400)

    def test_a_webhook_that_is_none(self):
        status, answer = self.enqueue(Row("", file_and(webhook_ids=[STRANGER])))
        self.assertEqual(status, 422)
        self.assertIn("No matching webhooks", answer["detail"])

    def test_times(self):
        job = self.accepted(file_and())
        job = self.ask("GET", f"/v2/jobs/{job['id']}?redirect=false")[1]["job"]
        for name in ("created_at", "completed_at"):
            self.assertRegex(job[name], STAMP)
        self.assertLessEqual(job["created_at"], job["completed_at"])

    def test_a_replaced_schema(self):
        text = schema(field(), field(name="kind", type="classification", classification_values=["invoice", "other"]),
                      field(name="when", type="date"), field(name="names", type="string", is_array=True),
                      field(name="lines", type="nested_object", is_array=True, nested_fields=[field(name="price"), field(name="items", type="string")]),
                      field(name="asked", type="string", guidelines="IMPORTANT: always return this exact string: 'a test value'"))
        inference = self.result_of(self.accepted(file_and(data_schema=text)))["inference"]
        fields = inference["result"]["fields"]
        self.assertEqual(list(fields), ["total", "kind", "when", "names", "lines", "asked"])
        self.assertIsInstance(fields["total"]["value"], float)
        self.assertEqual(fields["kind"]["value"], "invoice")
        self.assertEqual(fields["asked"]["value"], "a test value")
        self.assertEqual(list(fields["lines"]["items"][0]["fields"]), ["price", "items"])
        self.assertIsInstance(fields["names"]["items"][0]["value"], str)
        self.assertEqual(inference["active_options"]["data_schema"], {"replace": True})
        plain = self.result_of(self.accepted(file_and(data_schema='{"replace": null}')))["inference"]
        self.assertIn("supplier_name", plain["result"]["fields"])
        self.assertEqual(plain["active_options"]["data_schema"], {"replace": False})

    def test_pages_of_models(self):
        everything = self.ask("GET", "/v2/search/models?per_page=50")[1]
        total = everything["pagination"]["total_items"]
        self.assertEqual(len(everything["models"]), total)
        listed = []
        for page in range(1, total + 2):
            status, answer = self.ask("GET", f"/v2/search/models?per_page=2&page={page}")
            self.assertEqual((status, answer["pagination"]["per_page"], answer["pagination"]["page"]), (200, 2, page))
            self.assertEqual(answer["pagination"]["total_pages"], (total + 1) // 2)
            self.assertLessEqual(len(answer["models"]), 2)
            listed += answer["models"]
        self.assertEqual(listed, everything["models"])
        for query in ("per_page=0", "per_page=-1", "per_page=two", "per_page=1.5", "per_page=", "page=0", "page=x"):
            self.assertEqual(self.ask("GET", f"/v2/search/models?{query}")[0], 422, query)

    def test_a_trace(self):
        trace = os.path.join(self.directory, "trace.jsonl")
        self.box = self.fast_sandbox("--trace", trace, "--fault", "models:garbage=1")
        self.accepted(file_and(alias='a "name"'))
        self.assertEqual(self.ask("GET", f"/v2/jobs/{STRANGER}")[0], 404)
        with self.assertRaises(ValueError):
            self.ask("GET", "/v2/search/models?page=1")
        self.box.stats()
        with open(trace, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        self.assertEqual([(a["method"], a["path"], a["status"]) for a in lines],
                         [("POST", "/v2/products/extraction/enqueue", 202), ("GET", f"/v2/jobs/{STRANGER}", 404), ("GET", "/v2/search/models", 200)])
        self.assertEqual(json.loads(lines[0]["body"])["job"]["alias"], 'a "name"')
        self.assertIn("models", json.loads(lines[2]["body"])) # before the fault
        self.assertEqual(os.stat(trace).st_mode & 0o777, 0o600)
        # One that can't be written is no reason to stop.
        self.box = self.fast_sandbox("--trace", "/dev/full")
        for _ in range(3):
            self.accepted(file_and())
        done = subprocess.run([BINARY, "sandbox", "--trace", os.path.join(self.directory, "none", "x")], capture_output=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"--trace", done.stderr)

    def test_documents_to_learn_from(self):
        """The RAG documents API, in the forms of Mindee's PHP and .NET SDKs."""
        self.box = self.sandbox("--post-per-minute", "0", "--get-per-minute", "0", "--latency-median", "300ms", "--latency-sigma", "0")
        base, search = "/v2/products/extraction/rag-documents", "/v2/search/rag-documents"
        status, first = self.enqueue(Row("", file_and(), path=base))
        self.assertEqual((status // 100, first["status"], first["annotation"]), (2, "Processing", None))
        self.assertEqual((first["model_id"], first["filename"], first["total_matches"], first["last_match_at"]),
                         (MODELS["extraction"], "invoice.pdf", 0, None))
        self.assertRegex(first["created_at"], STAMP)
        one = f"{base}/{first['id']}"
        self.assertEqual(self.ask("PATCH", one, b'{"status": "Active"}', J)[0], 422) # not yet
        drafted = wait_for(lambda: (lambda d: d if d["status"] == "Draft" else None)(self.ask("GET", one)[1]), "a draft")
        total = drafted["annotation"]["fields"]["total_amount"]
        self.assertEqual((total["selected"], total["guidelines"], type(total["value"])), (False, None, float))
        self.assertIn("fields", drafted["annotation"]["fields"]["line_items"]["items"][0])

        fields = {"total_amount": {"selected": True, "guidelines": "With tax.", "value": 195.5},
                  "tags": {"selected": False, "guidelines": None, "items": [{"selected": True, "value": "a"}]}}
        status, changed = self.ask("PATCH", one, json.dumps({"annotation": {"fields": fields}, "other": 1}).encode(), J)
        self.assertEqual((status, changed["annotation"]["fields"], changed["status"]), (200, fields, "Draft"))
        status, changed = self.ask("PATCH", one, b'{"status": "Active"}', J)
        self.assertEqual((status, changed["annotation"]["fields"], changed["status"]), (200, fields, "Active"))
        for bad in (b"[]", b"{", b'{"status": "Processing"}', b'{"annotation": {}}', b'{"annotation": {"fields": {"a": 1}}}',
                    b'{"annotation": {"fields": {"a": {"selected": 1, "value": 2}}}}', b'{"annotation": {"fields": {"a": {"items": {}}}}}'):
            self.assertEqual(self.ask("PATCH", one, bad, J)[0], 422, bad)

        for fields, found in ((file_and(rag="true"), first["id"]), (file_and(file=pdf(2), rag="true"), None)):
            job = self.accepted(fields)
            wait_for(lambda: self.ask("GET", f"/v2/jobs/{job['id']}?redirect=false")[1]["job"]["result_url"], "a result")
            self.assertEqual(self.result_of(job)["inference"]["result"]["rag"], {"retrieved_document_id": found})
        matched = self.ask("GET", one)[1]
        self.assertEqual(matched["total_matches"], 1)
        self.assertRegex(matched["last_match_at"], STAMP)

        second = self.enqueue(Row("", file_and(file=pdf(3)), path=base))[1]
        for query, ids in (("", [first["id"], second["id"]]), (f"?model_id={MODELS['extraction']}&per_page=1&page=2", [second["id"]]),
                           ("?filename=INVO", [first["id"], second["id"]]), ("?filename=none", []),
                           ("?model_id=22222222-2222-4222-8222-0000000e0002", [])):
            status, answer = self.ask("GET", search + query)
            self.assertEqual((status, [d["id"] for d in answer["rag_documents"]]), (200, ids), query)
            self.assertIn("total_pages", answer["pagination"])
        self.assertEqual(self.ask("GET", search + "?per_page=0")[0], 422)
        self.assertEqual(self.ask("GET", search + "?model_id=x")[0], 422)

        connection = http.client.HTTPConnection(self.box.host, self.box.port, timeout=30)
        connection.request("DELETE", one, headers={"Authorization": KEY})
        self.assertEqual((connection.getresponse().status), 204)
        connection.close()
        for method in ("GET", "DELETE", "PATCH"):
            self.assertEqual(self.ask(method, one)[0], 404)
        self.assertEqual(self.ask("GET", f"{base}/x")[0], 422)
        self.assertEqual(self.ask("GET", base)[0], 405)
        for bad in (url_and(), {"file": pdf(1)}, file_and(file=b"%PDF-1.4"), {"model_id": MODELS["ocr"], "file": pdf(1)}):
            self.assertEqual(self.enqueue(Row("", bad, path=base))[0], 422)
        job = self.accepted(file_and(rag="true"))
        wait_for(lambda: self.ask("GET", f"/v2/jobs/{job['id']}?redirect=false")[1]["job"]["result_url"], "a result")
        self.assertEqual(self.result_of(job)["inference"]["result"]["rag"], {"retrieved_document_id": None})


if __name__ == "__main__":
    unittest.main()
