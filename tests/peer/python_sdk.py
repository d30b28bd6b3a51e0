"""Mindee's Python SDK as a user would write it: enqueue, poll, parse, for each product; URLs, jobs that fail, webhooks and
their signatures, the refusals.

    python_sdk.py SAMPLES MAIN FAILING NARROW HOOK_PORT HOOK_SECRET      the middle ones are hosts of sandboxes (sandboxes.sh)
"""

import http.server
import json
import os
import sys
import threading
import time
from pathlib import Path

from mindee import v2
from mindee.client_options.polling_options import PollingOptions
from mindee.error.mindee_error import MindeeError
from mindee.input import PathInput, URLInputSource
from mindee.input.local_response import LocalResponse
from mindee.v2.error.mindee_http_error_v2 import MindeeHTTPErrorV2

samples, main_host, failing_host, narrow_host, hook_port, hook_secret = sys.argv[1:7]
files = sorted(p for p in Path(samples).rglob("*") if p.is_file())
PDF = next(p for p in files if p.suffix == ".pdf")
IMAGE = next(p for p in files if p.suffix.lower() in (".png", ".jpg"))
HOOKS = ["aaaaaaaa-1111-4111-8111-0000000e0002", "aaaaaaaa-1111-4111-8111-0000000e0001"]
STRANGER = "99999999-9999-4999-8999-999999999999"
PRODUCTS = {
    "extraction": (v2.ExtractionParameters, v2.ExtractionResponse, "11111111-1111-4111-8111-0000000e0001"),
    "classification": (v2.ClassificationParameters, v2.ClassificationResponse, "33333333-3333-4333-8333-0000000c0003"),
    "crop": (v2.CropParameters, v2.CropResponse, "44444444-4444-4444-8444-0000000c0004"),
    "split": (v2.SplitParameters, v2.SplitResponse, "55555555-5555-4555-8555-000000050005"),
    "ocr": (v2.OCRParameters, v2.OCRResponse, "66666666-6666-4666-8666-0000000c0006"),
}


def client_at(host, key=None):
    os.environ["MINDEE_V2_BASE_URL"] = f"https://{host}"
    return v2.Client(key)


main, failing, narrow = client_at(main_host), client_at(failing_host), client_at(narrow_host)


def parameters(product, model_id=None, **more):
    kind, _, model = PRODUCTS[product]
    return kind(model_id=model_id or model, polling_options=PollingOptions(1, 1, 30), **more)


def send(product, source, by=None, **more):
    return (by or main).enqueue_and_get_result(PRODUCTS[product][1], source, parameters(product, **more)).inference


def check_file(inference, path, product):
    assert inference.file.name == path.name, inference.file.name
    assert inference.file.page_count >= 1
    assert inference.model.id == PRODUCTS[product][2]
    assert inference.id != inference.job.id
    assert str(inference)


def extraction(path):
    inference = send("extraction", PathInput(path), confidence=True, polygon=True, raw_text=True, alias="peer-1")
    check_file(inference, path, "extraction")
    assert inference.file.alias == "peer-1"
    fields = inference.result.fields
    assert not fields.get_simple_field("supplier_name").value.startswith("SYNTHETIC")
    total = fields.get_simple_field("total_amount")
    assert isinstance(total.value, float) and total.confidence is not None and total.locations
    assert fields.get_list_field("line_items").items
    assert len(inference.result.raw_text.pages) == inference.file.page_count
    assert inference.active_options.confidence and not inference.active_options.rag


def the_others():
    inference = send("classification", PathInput(PDF))
    check_file(inference, PDF, "classification")
    assert inference.result.classification.document_type
    inference = send("crop", PathInput(IMAGE))
    check_file(inference, IMAGE, "crop")
    assert inference.result.crops[0].location.page == 0 and len(inference.result.crops[0].location.polygon) >= 3
    inference = send("split", PathInput(PDF))
    check_file(inference, PDF, "split")
    assert len(inference.result.splits) == inference.file.page_count
    inference = send("ocr", PathInput(PDF))
    check_file(inference, PDF, "ocr")
    assert len(inference.result.pages) == inference.file.page_count


def by_url():
    """The SDK sends this one urlencoded."""
    inference = send("extraction", URLInputSource("https://example.com/invoices/7.pdf?x=y"), webhook_ids=[])
    assert inference.file.name == "7.pdf"


def schema():
    """That of Mindee's own tests."""
    replace = {"fields": [{
        "name": "test_replace", "title": "Test Replace", "is_array": False, "type": "string",
        "description": "A static value for testing.",
        "guidelines": "IMPORTANT: always return this exact string: 'a test value'",
    }]}
    inference = send("extraction", PathInput(PDF), data_schema={"replace": replace})
    assert list(inference.result.fields) == ["test_replace"]
    assert inference.result.fields["test_replace"].value == "a test value"
    assert inference.active_options.data_schema.replace is True


def search():
    found = main.search_models()
    assert len(found.models) == found.pagination.total_items
    assert PRODUCTS["ocr"][2] in [m.id for m in main.search_models(model_type="ocr").models]


def refused(call, status, pointer=None, detail=""):
    try:
        call()
    except MindeeHTTPErrorV2 as e:
        assert e.status == status and e.code.startswith(f"{status}-"), (e.status, e.code)
        assert pointer is None or e.errors[0].pointer == pointer
        assert detail in e.detail, e.detail
        return
    raise AssertionError(f"not refused with {status}")


def refusals():
    def enqueue(by=main, product="ocr", **more):
        return lambda: by.enqueue(PathInput(PDF), parameters(product, **more))

    refused(enqueue(client_at(main_host, "another-key")), 401)
    for model in ("no-uuid", "00000000-0000-0000-0000-000000000000", PRODUCTS["split"][2]):
        refused(enqueue(model_id=model), 422, "#/model_id")
    refused(enqueue(model_id=STRANGER), 404)
    refused(enqueue(webhook_ids=[STRANGER]), 422, "#/webhook_ids", "No matching webhooks")
    refused(lambda: main.get_job(STRANGER), 404)
    refused(lambda: main.get_result(v2.OCRResponse, STRANGER), 404)
    refused(lambda: main.get_result(v2.OCRResponse, "x"), 422)
    enqueue(narrow)()
    refused(enqueue(narrow), 429)


def failed_jobs():
    for product in PRODUCTS:
        try:
            send(product, PathInput(PDF), by=failing)
        except MindeeError as e:
            assert "Parsing failed" in str(e), e
            continue
        raise AssertionError(f"{product}: the job didn't fail")


class Hook(http.server.BaseHTTPRequestHandler):
    posts = []

    def do_POST(self):
        self.posts.append((self.path, self.rfile.read(int(self.headers["Content-Length"])), self.headers["X-Signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def called(by):
    Hook.posts.clear()
    job = by.enqueue(PathInput(PDF), parameters("extraction", webhook_ids=HOOKS)).job
    assert [(w.id, w.status) for w in job.webhooks] == [(h, "Processing") for h in HOOKS]
    assert all(w.created_at is not None for w in job.webhooks)
    for _ in range(200):
        job = by.get_job(job.id).job
        if job.status != "Processing" and all(w.status != "Processing" for w in job.webhooks):
            break
        time.sleep(0.1)
    assert [w.status for w in job.webhooks] == ["Processed"] * 2
    assert sorted(path for path, _, _ in Hook.posts) == ["/one", "/two"]
    for _, body, signature in Hook.posts:
        local = LocalResponse(body)
        assert local.is_valid_hmac_signature(hook_secret, signature)
        assert not local.is_valid_hmac_signature(hook_secret + "x", signature)
        yield job, local, json.loads(body)


def webhooks():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(hook_port)), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for job, local, body in called(main):
        inference = local.deserialize_response(v2.ExtractionResponse).inference
        assert inference.job.id == job.id
        assert json.loads(main.get_result(v2.ExtractionResponse, inference.id).raw_http) == body
    for job, _, body in called(failing):
        assert job.status == "Failed" and body["error"]["code"] == job.error.code
    server.shutdown()


for part in (lambda: extraction(PDF), lambda: extraction(IMAGE), the_others, by_url, schema, search, refusals, failed_jobs, webhooks):
    part()
print("the SDK enqueued, polled and parsed all five products, saw jobs fail, and took what the webhooks brought")
