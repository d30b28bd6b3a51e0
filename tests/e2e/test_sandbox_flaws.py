"""sandbox --samples N DIR --flaws K: what accounts payable would check finds the flaws that expected.json names, and
nothing else; --totals says what is printed. The checks here are written anew from the results alone."""

import collections
import json
import os
import re
import subprocess
import unicodedata
import unittest
from decimal import Decimal

from harness import BINARY, Case

PLACES = {"JPY": 0}
KEY_FIELDS = ("supplier_name", "invoice_number", "receipt_number", "date", "total_net", "total_tax", "total_amount")
LOOK_ALIKE = ("O0", "I1L", "17", "S5", "Z2", "B8", "G6", "G9", "UV", "MN")


def value(fields, name):
    return fields[name]["value"]


class Record:
    """One result's fields, numbers exact."""

    def __init__(self, name, fields):
        self.name, self.fields = name, fields
        self.supplier, self.date = value(fields, "supplier_name"), value(fields, "date")
        self.number = value(fields, "invoice_number") or value(fields, "receipt_number")
        self.currency = value(fields["locale"]["fields"], "currency")
        self.net, self.tax, self.total = (value(fields, f"total_{n}") for n in ("net", "tax", "amount"))
        self.taxes = [item["fields"] for item in fields["taxes"]["items"]]
        self.lines = [item["fields"] for item in fields["line_items"]["items"]]
        accounts = [item["fields"] for item in fields["supplier_payment_details"]["items"]]
        self.iban = value(accounts[0], "iban") if accounts else None
        self.account = accounts[0] if accounts else None
        self.unit = Decimal(1).scaleb(-PLACES.get(self.currency, 2))

    def findings(self):
        yield from self.sums()
        yield from self.products()
        due, kind = value(self.fields, "due_date"), value(self.fields, "document_type")
        if due and due < self.date:
            yield "due-before-date", "due_date"
        if "receipt" not in kind and not self.number:
            yield "required-missing", "invoice_number"
        for name in ("supplier", "date", "total", "currency"):
            if getattr(self, name) is None:
                yield "required-missing", name
        if self.total is not None and self.total <= 0:
            yield "sign", "total_amount"
        if self.iban and not is_iban(self.iban):
            yield "iban-bad", "supplier_payment_details[1].iban"
        for name in KEY_FIELDS:
            if self.fields[name]["confidence"] not in (None, "Certain", "High"):
                yield "confidence", name
        for field in (self.fields["locale"]["fields"]["currency"], (self.account or {}).get("iban")):
            if field and field["confidence"] not in (None, "Certain", "High"):
                yield "confidence", "currency or iban"

    def sums(self):
        u = self.unit
        if abs(self.total - self.net - self.tax) > u:
            yield "total-sum", "total_amount"
        if self.lines and abs(sum(value(line, "total_price") for line in self.lines) - self.net) > u * (
            len(self.lines) + 1
        ) / 2:
            yield "lines-sum", "line_items"
        if abs(sum(value(tax, "amount") for tax in self.taxes) - self.tax) > u * len(self.taxes):
            yield "taxes-sum", "taxes"
        bases = [value(tax, "base") for tax in self.taxes]
        if bases and None not in bases and abs(sum(bases) - self.net) > u * len(bases):
            yield "bases-sum", "taxes"

    def products(self):
        u = self.unit
        for n, line in enumerate(self.lines, 1):
            quantity, price, amount = (value(line, f) for f in ("quantity", "unit_price", "total_price"))
            rate = value(line, "tax_rate") or 0
            slack = max(u, u / 2 + abs(quantity) * u / 2)
            if min(abs(quantity * price * factor - amount) for factor in (1, 1 + rate)) > slack:
                yield "line-product", f"line_items[{n}]"
        for n, tax in enumerate(self.taxes, 1):
            base, rate, amount = (value(tax, f) for f in ("base", "rate", "amount"))
            if base is not None and abs(base * rate - amount) > 2 * u:
                yield "tax-product", f"taxes[{n}]"


def is_iban(text):
    text = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def number_keys(number):
    text = unicodedata.normalize("NFKD", number.casefold())
    runs = [run.lstrip("0") for run in re.findall(r"[a-z]+|\d+", text)]
    return ".".join(runs), re.sub(r"[^a-z0-9]", "", text).lstrip("0")


def one_edit(a, b):
    a, b = a.upper(), b.upper()
    if abs(len(a) - len(b)) == 1:
        long, short = (a, b) if len(a) > len(b) else (b, a)
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    if len(a) != len(b):
        return False
    differ = [i for i in range(len(a)) if a[i] != b[i]]
    if len(differ) == 2 and differ[1] == differ[0] + 1:
        return a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]]
    return len(differ) == 1 and any(a[differ[0]] in set and b[differ[0]] in set for set in LOOK_ALIKE)


def duplicates(records):
    """Pairs of one supplier, the later one's name first."""
    by_supplier = collections.defaultdict(list)
    for record in records:
        by_supplier[record.supplier].append(record)
    for group in by_supplier.values():
        for i, later in enumerate(group):
            for former in group[:i]:
                same = later.number and former.number
                a, b = number_keys(later.number or ""), number_keys(former.number or "")
                if same and (a[0] == b[0] or a[1] == b[1]):
                    yield later.name, "duplicate-number", former.name
                elif (later.total, later.currency) == (former.total, former.currency):
                    if not same or one_edit(later.number, former.number):
                        yield later.name, "duplicate-amount", former.name


def new_ibans(records):
    known = collections.defaultdict(set)
    for record in records:
        if record.iban and known[record.supplier] and record.iban not in known[record.supplier]:
            yield record.name, "iban-new", "supplier_payment_details[1].iban"
        if record.iban:
            known[record.supplier].add(record.iban)


class Flaws(Case):
    def make(self, count, flaws, seed):
        totals = os.path.join(self.directory, "totals.json")
        words = ["--samples", str(count), "--flaws", str(flaws), "--seed", str(seed), "--totals", totals, "-q"]
        subprocess.run([BINARY, "sandbox", *words, self.input], check=True)
        with open(os.path.join(self.input, "expected.json"), encoding="utf-8") as f:
            expected = json.load(f)
        with open(totals, encoding="utf-8") as f:
            return expected, json.load(f)

    def records(self, sandbox):
        """The results of a run, in the order of their paths."""
        options = {**self.FAST, "request.confidence": "true", "input.exclude": "expected.json"}
        self.finish(self.start("run", self.input, sandbox=sandbox, options=options), 0)
        root, found = os.path.join(self.output, "results"), []
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as f:
                    result = json.load(f, parse_float=Decimal)["inference"]["result"]
                found.append(Record(os.path.relpath(path, root)[: -len(".json")], result["fields"]))
        return sorted(found, key=lambda record: record.name.encode())

    def found(self, records):
        findings = [(record.name, code, field) for record in records for code, field in record.findings()]
        return findings + list(duplicates(records)) + list(new_ibans(records))

    def check(self, count, flaws, seed):
        expected, totals = self.make(count, flaws, seed)
        records = self.records(self.fast_sandbox())
        self.assertEqual(len(records), count)
        wanted = []
        for flaw in expected:
            wanted.append((flaw["file"], flaw["check"], flaw.get("of", flaw["field"])))
            if "other" in flaw:
                wanted.append((flaw["file"], flaw["check"], flaw["other"]))
        self.assertEqual(sorted(self.found(records)), sorted(wanted))
        kinds = ["wrong-total", "swapped-line", "duplicate", "changed-iban", "missing-number", "low-confidence"]
        self.assertEqual([flaw["flaw"] for flaw in expected], [kinds[k % 6] for k in range(flaws)])
        self.assertEqual(len({flaw["file"] for flaw in expected}), flaws)
        sums = collections.defaultdict(lambda: [0, Decimal(0), Decimal(0), Decimal(0)])
        for record in records:
            for i, amount in enumerate((1, record.net, record.tax, record.total)):
                sums[record.currency][i] += amount
        said = {
            c["currency"]: [c["records"]] + [Decimal(c[name]) for name in ("net", "tax", "total")]
            for c in totals["currencies"]
        }
        self.assertEqual(said, sums)
        self.assertEqual(totals["documents"], count)

    def test_checks_find_what_was_planted_and_no_other(self):
        self.check(80, 24, 3)

    def test_as_many_flaws_as_there_is_room_for(self):
        self.check(12, 6, 1)

    def test_none(self):
        self.check(60, 0, 11)

    def test_what_is_printed_is_said(self):
        words = [BINARY, "sandbox", "--samples", "3", self.input, "--flaws", "1"]
        out = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(out[0], f"3 sample documents in {self.input}")
        self.assertEqual(out[-1], "  flaws: 1, listed in expected.json")
        for line in out[1:-1]:
            self.assertRegex(line, r"^  [A-Z]{3} [\d.]+ on \d of them$")
        for words in (["--flaws", "1"], ["--totals", "x"], ["--samples", "3", self.input, "--flaws", "x"]):
            self.assertEqual(subprocess.run([BINARY, "sandbox", *words], capture_output=True).returncode, 2)

    def test_too_many_are_refused(self):
        done = subprocess.run(
            [BINARY, "sandbox", "--samples", "5", "--flaws", "3", self.input], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("3 flaws don't fit into 5 samples", done.stderr)
        self.assertEqual(os.listdir(self.input), [])


if __name__ == "__main__":
    unittest.main()
