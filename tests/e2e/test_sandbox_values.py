"""What the sandbox answers: values in Mindee's own forms, found where they are printed, by every product."""

import collections
import html
import http.client
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import BINARY, Case, wait_for

INVOICES = "11111111-1111-4111-8111-0000000e0001"
OCR = "66666666-6666-4666-8666-0000000c0006"


def values(fields, path=""):
    """Every simple field with its path. Position decides what a field is, never a name."""
    for name, field in fields.items():
        at = f"{path}.{name}" if path else name
        if isinstance(field.get("items"), list):
            for i, item in enumerate(field["items"]):
                yield from values({f"{name}[{i + 1}]": item}, path)
        elif isinstance(field.get("fields"), dict):
            yield from values(field["fields"], at)
        else:
            yield at, field


def inside(polygon, point):
    """By the winding of a convex, clockwise polygon."""
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1]):
        if (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1) < 0:
            return False
    return True


def middle(polygon):
    return [sum(p[i] for p in polygon) / len(polygon) for i in (0, 1)]


def bare(text):
    return re.sub(r"\W", "", text)


def digits(text):
    """Of a number, however it is grouped: 1.881,30 and 1881.3 are the same."""
    return re.sub(r"\D", "", text).strip("0")


class Values(Case):
    def answer(self, sandbox, product, model, path, **options):
        boundary = "BoUnDaRy"
        body = b""
        for name, value in {"model_id": model, **options}.items():
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        with open(path, "rb") as f:
            data = f.read()
        body += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{os.path.basename(path)}"\r\n\r\n'
        ).encode()
        body += data + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Authorization": "k", "Content-Type": f"multipart/form-data; boundary={boundary}"}
        connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=30)
        connection.request("POST", f"/v2/products/{product}/enqueue", body, headers)
        answer = connection.getresponse()
        job = json.loads(answer.read())
        self.assertEqual(answer.status, 202, job)
        connection.close()

        def processed():
            _, text = sandbox.get(f"/v2/jobs/{job['job']['id']}?redirect=false", {"Authorization": "k"})
            return json.loads(text)["job"]["result_url"]

        url = wait_for(processed, "a result")
        status, text = sandbox.get(url.split(str(sandbox.port), 1)[1], {"Authorization": "k"})
        self.assertEqual(status, 200)
        return json.loads(text), text.decode()

    def samples(self, count, *words):
        subprocess.run([BINARY, "sandbox", "--samples", str(count), *words, "--quiet", self.input], check=True)
        return sorted(
            os.path.join(folder, name)
            for folder, _, names in os.walk(self.input)
            for name in names
            if not name.endswith(".json")
        )

    def check_places(self, path, field, pages):
        """The words that lie within a value's polygons spell that value."""
        words = "".join(
            word["content"]
            for place in field["locations"]
            for word in pages[place["page"]]["words"]
            if inside(place["polygon"], middle(word["polygon"]))
        )
        value = field["value"]
        if isinstance(value, float):
            self.assertEqual(digits(words), digits(f"{value:.6f}"), path)
        elif re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            self.assertIn(value[:4], words, path)
            self.assertIn(str(int(value[8:])), words, path)
        else:
            self.assertEqual(bare(words), bare(value), path)

    def test_each_value_is_where_its_polygon_says(self):
        sandbox = self.fast_sandbox()
        for path in self.samples(25):
            whole, _ = self.answer(sandbox, "extraction", INVOICES, path, polygon="true", confidence="true")
            read, _ = self.answer(sandbox, "ocr", OCR, path)
            pages = read["inference"]["result"]["pages"]
            self.assertEqual(len(pages), whole["inference"]["file"]["page_count"])
            found = dict(values(whole["inference"]["result"]["fields"]))
            for name, field in found.items():
                if field["locations"]:
                    self.check_places(f"{path}: {name}", field, pages)
            for name in ("supplier_name", "date", "total_net", "total_amount"):
                self.assertTrue(found[name]["locations"], f"{path}: {name}")
            lines = [field for name, field in found.items() if name.endswith("].total_price")]
            self.assertTrue(lines and all(line["locations"] for line in lines), path)

    @unittest.skipUnless(shutil.which("pdftotext"), "needs pdftotext (poppler-utils)")
    def test_words_are_where_another_program_reads_them(self):
        sandbox = self.fast_sandbox()
        for path in [path for path in self.samples(16) if path.endswith(".pdf")]:
            read, _ = self.answer(sandbox, "ocr", OCR, path)
            shown = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
            pages = re.findall(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', shown, re.S)
            self.assertEqual(len(pages), len(read["inference"]["result"]["pages"]))
            for (width, height, words), page in zip(pages, read["inference"]["result"]["pages"]):
                seen = collections.defaultdict(list)
                for left, top, right, bottom, text in re.findall(
                    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', words
                ):
                    x, y = (float(left) + float(right)) / 2, (float(top) + float(bottom)) / 2
                    seen[html.unescape(text)].append([x / float(width), y / float(height)])
                missed = [
                    word["content"]
                    for word in page["words"]
                    if "\u00a0" not in word["content"]  # there pdftotext parts a word
                    and not any(inside(word["polygon"], place) for place in seen[word["content"]])
                ]
                self.assertEqual(missed, [], path)

    def test_numbers_are_as_python_writes_them_and_nearly_all_is_certain(self):
        sandbox = self.fast_sandbox()
        levels = []
        for path in self.samples(20):
            whole, text = self.answer(sandbox, "extraction", INVOICES, path, confidence="true")
            for number in re.findall(r'"value":(-?\d[^,}]*)', text):
                self.assertEqual(number, repr(float(number)), path)
            fields = whole["inference"]["result"]["fields"]
            self.assertEqual(list(fields), sorted(fields, key=lambda name: (len(name), name)))
            levels += [field["confidence"] for _, field in values(fields) if field["value"] is not None]
            self.assertEqual([f for _, f in values(fields) if f["value"] is None and f["confidence"]], [])
        self.assertEqual(set(levels), {"Certain", "High", "Medium"})
        self.assertGreater(levels.count("Certain"), 0.8 * len(levels))
        self.assertLess(levels.count("Medium"), 0.06 * len(levels))

    def test_the_chained_models_give_whole_answers(self):
        sandbox = self.fast_sandbox()
        path = self.samples(1)[0]
        invoice, _ = self.answer(sandbox, "extraction", INVOICES, path)
        wanted = invoice["inference"]["result"]["fields"]
        _, text = sandbox.get("/v2/search/models?per_page=50", {"Authorization": "k"})
        chained = {}
        for model in json.loads(text)["models"]:
            whole, _ = self.answer(sandbox, model["model_type"], model["id"], path)
            result = whole["inference"]["result"]
            for item in result.get("splits", []) + result.get("crops", []) + [result.get("classification") or {}]:
                nested = item.get("extraction_response")
                if nested:
                    chained[model["model_type"]] = nested["inference"]
        self.assertEqual(set(chained), {"crop", "split", "classification"})
        for nested in chained.values():
            self.assertEqual(nested["result"]["fields"], wanted)
            self.assertEqual(nested["model"]["id"], INVOICES)

    def test_a_schema_of_ones_own_and_awkward_names(self):
        sandbox = self.fast_sandbox()
        path = self.samples(1)[0]
        whole, _ = self.answer(sandbox, "extraction", "abababab-abab-4bab-8bab-0000000e000a", path, confidence="true")
        found = dict(values(whole["inference"]["result"]["fields"]))
        self.assertIn("term.notice.days", found)
        self.assertIn("parties[1].address.city", found)
        whole, _ = self.answer(sandbox, "extraction", "bcbcbcbc-bcbc-4cbc-8cbc-0000000e000b", path)
        found = dict(values(whole["inference"]["result"]["fields"]))
        self.assertEqual(
            [name for name in found if "[2]" not in name],
            ["items[1].items", "items[1].value", "items[1].fields.value", "value", "fields.value", "fields.fields",
             "locations", "confidence"],
        )


if __name__ == "__main__":
    unittest.main()
