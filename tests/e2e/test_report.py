"""The page that a controller reads: in a real browser, it says what the ledger has, loads nothing, and takes every text
from outside for a text."""

import base64
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import unittest
import urllib.parse
from decimal import Decimal

import axe
from browser import ENTER, ESCAPE, Browser, needs_browser
from harness import BINARY, wait_for
from test_export import Exports
from test_periods import ScheduleCase

MAKER = os.path.join(os.path.dirname(BINARY), "bench_export_ledger")
HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "</script><script>document.title='owned'</script>",
    "\"><svg onload=document.title='owned'>",
    "</style><style>*{display:none}</style>",
    "javascript:document.title='owned'",
    "Safe \u202egnp.exe",
    "a\u2066b\u2069 \x07\x1b[31m &amp; {{7*7}} ${7}",
    "שלום בע\"מ",
    "x" * 5_000_000,
]


def result(supplier, number, net, tax, total, currency, date="2026-11-02"):
    """As Mindee sends it; amounts as they are to stand in it."""
    text = json.dumps
    fields = {
        "supplier_name": text(supplier), "invoice_number": text(number), "date": text(date), "total_net": net,
        "total_tax": tax, "total_amount": total,
    }
    members = [f'"{name}":{{"value":{value},"confidence":"Certain"}}' for name, value in fields.items()]
    members.append(f'"locale":{{"fields":{{"currency":{{"value":{text(currency)}}}}}}}')
    return ('{"inference":{"id":"i","model":{"id":"m"},"result":{"fields":{%s}}}}' % ",".join(members)).encode()


def some_results():
    """Good ones, ones whose sums are wrong, and two that came twice."""
    results = []
    for i in range(30):
        currency, net, tax, total = [("EUR", "1000.5", "200.1", "1200.6"), ("JPY", "30000", "3000", "33000"),
                                     ("KWD", "7.125", "0.875", "8.0")][i % 3]
        if i % 5 == 4:
            total = str(Decimal(total) + i)
        results.append(result(f"Supplier {i % 7}", f"INV-{i:04}", net, tax, total, currency, f"2026-10-{i + 1:02}"))
    return results + [results[0], results[1].replace(b"INV-0001", b"inv 1")]


class Ledgers(Exports):
    def store(self, results, others=0):
        """As Exports does, beside OTHERS files that are rejected; the run makes no page of what it read first."""
        sandbox = self.fast_sandbox()
        self.write_pdfs(len(results))
        self.run_batch(sandbox=sandbox, expected=1 if others else 0, options={"report.enabled": "no"})
        with sqlite3.connect(os.path.join(self.output, "ledger.db")) as db:
            db.execute("ATTACH ? AS book", (os.path.join(self.output, "ledger.db.files"),))
            rows = db.execute("SELECT document, CAST(name AS TEXT) FROM book.file WHERE CAST(name AS TEXT) LIKE 'invoice-%' ORDER BY 2")
            for (document, _), text in zip(rows.fetchall(), results):
                db.execute("UPDATE result SET bytes = ?, sha256 = ? WHERE document = ?",
                           (text, hashlib.sha256(text).digest(), document))

    def report(self, *words):
        _, out, _ = self.finish(self.start("report", words=words), 0)
        return out.strip()


class Shown(Ledgers):
    """With chromium: what a page has in it."""

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser(1280, 900)
        cls.addClassCleanup(cls.browser.close)

    def show(self, path):
        self.browser.log()
        self.browser.open("file://" + urllib.parse.quote(path))
        return self.browser

    def text_of(self, selector):
        return self.browser.run("return Array.from(document.querySelectorAll(arguments[0]), e => e.textContent)", selector)

    def visible_rows(self, table):
        return self.browser.run(
            "return Array.from(document.querySelectorAll(`#${arguments[0]} tbody tr`)).filter(r => r.offsetParent)"
            ".map(r => r.textContent)", table)

    def shown_amounts(self):
        rows = self.browser.run(
            "return Array.from(document.querySelectorAll('#amounts-t tbody tr'), r => Array.from(r.cells, c => c.textContent))")
        return [[re.sub(r"\s", "", cell) for cell in row] for row in rows]

    def exported_amounts(self):
        self.export()
        return [[c["currency"], str(c["records"]), c["net"], c["tax"], c["total"]] for c in self.manifest()["control"]["currencies"]]


@needs_browser
class Reports(Shown):
    def devtools(self, command, **parameters):
        return self.browser.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def test_a_batch(self):
        """One after the other, of one ledger: to make it takes longer than to look at it."""
        self.write("notes.pdf", b"no PDF at all")
        self.write("sub/empty one.pdf", b"")
        self.store(some_results(), others=2)
        path = self.report()
        self.show(path)
        for look in (self.says_what_the_ledger_has, self.says_what_is_not_stored, self.filters, self.sorts,
                     self.can_be_read_by_all, self.stays_the_same, self.prints, self.needs_no_script,
                     self.refuses_what_comes_in):
            with self.subTest(look.__name__):
                look(path)

    def says_what_the_ledger_has(self, _path):
        rows = self.shown_amounts()
        self.assertEqual([row[:5] for row in rows], self.exported_amounts())
        control = self.manifest()["control"]
        self.assertIn(["KWD", "10", "71.250", "8.750"], [row[:4] for row in rows])
        sentence = self.text_of(".sentence")[0]
        self.assertIn(f"{control['stored']} of {control['documents']} documents have a result.", sentence)
        _, out, _ = self.finish(self.start("review", words=("--json",)))
        open_ones = json.loads(out)["records"]
        self.assertIn(f"{len(open_ones)} need a person", sentence)
        self.assertEqual(self.text_of("#review-n"), [str(len(open_ones))])
        self.assertEqual(len(self.visible_rows("review-t")), len(open_ones))
        self.assertEqual(len([r for r in self.visible_rows("review-t") if "possible duplicate" in r]), 2)  # a row a pair
        to_review = sum(int(n) for row in rows for n in re.findall(r"\((\d+)\)", row[5]))
        self.assertEqual(to_review, len(open_ones))
        head = self.text_of("#about ~ table .mono")[-1]
        _, out, _ = self.finish(self.start("verify"))
        self.assertIn(f"head {head}", out)

    def says_what_is_not_stored(self, _path):
        rows = self.visible_rows("unstored-t")
        self.assertEqual(len(rows), 2)
        self.assertTrue(any("notes.pdf" in r and "rejected" in r for r in rows), rows)
        links = self.browser.run("return Array.from(document.querySelectorAll('#unstored-t a'), a => a.getAttribute('href'))")
        self.assertIn("../invoices/sub/empty%20one.pdf", links)
        for link in links:
            self.assertTrue(os.path.exists(os.path.join(self.output, urllib.parse.unquote(link))), link)

    def filters(self, _path):
        rows = self.visible_rows("review-t")
        self.browser.run("document.querySelector('.controls[data-table=review-t] input').focus()")
        self.browser.type("0004 suppl")
        wanted = [r for r in rows if "INV-0004" in r]
        self.assertTrue(0 < len(wanted) < len(rows))
        self.assertEqual(self.visible_rows("review-t"), wanted)
        self.assertEqual(self.text_of("#review-n"), [f"{len(wanted)} of {len(rows)}"])
        self.browser.press(ESCAPE)
        self.assertEqual(len(self.visible_rows("review-t")), len(rows))
        for expected in ([r for r in rows if "possible duplicate" in r], rows):
            self.browser.run("document.querySelector('button[data-r=duplicate]').click()")
            self.assertEqual(self.visible_rows("review-t"), expected)

    def sorts(self, _path):
        heads = "Array.from(document.querySelectorAll('#review-t th'))"
        amounts = "return Array.from(document.querySelectorAll('#review-t tbody tr'), r => parseFloat(r.cells[3].dataset.v))"
        self.browser.run(f"{heads}[3].querySelector('button').focus()")
        self.browser.press(ENTER)
        self.assertEqual(self.browser.run(f"return {heads}.map(h => h.ariaSort)"), [None, None, None, "descending", None])
        given = self.browser.run(amounts)
        self.assertEqual(given, sorted(given, reverse=True))
        self.browser.press(ENTER)
        self.assertEqual(self.browser.run(f"return {heads}[3].ariaSort"), "ascending")
        self.assertEqual(self.browser.run(amounts), sorted(given))
        self.assertEqual(self.browser.log(), [])

    def can_be_read_by_all(self, _path):
        for scheme in ("light", "dark"):
            for width in (1280, 400):
                self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
                self.assertEqual(axe.findings(self.browser), [], f"{scheme}, {width}")
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
        self.devtools("Emulation.clearDeviceMetricsOverride")

    def stays_the_same(self, path):
        with open(path, "rb") as f:
            page = f.read()
        done = subprocess.run(self.command("report", words=("--to", "-")), capture_output=True, env=self.environment(),
                              cwd=self.directory, check=True)
        self.assertEqual(done.stdout, page)

    def prints(self, path):
        pdf = os.path.join(self.directory, "page.pdf")
        self.show(path)
        with open(pdf, "wb") as f:
            f.write(base64.b64decode(self.devtools("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"]))
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
        self.assertIn("To review", text)
        self.assertIn("INV-0004", text)
        self.assertNotIn("supplier, number, file", text)
        self.assertNotIn("\u2195", text)

    def needs_no_script(self, path):
        """Controls appear with it alone; and nothing is said on the console."""
        with open(path, encoding="utf-8") as f:
            self.assertIn('<div class="controls" role="group" aria-label="Filter" hidden', f.read())
        chromium = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
        done = subprocess.run([*chromium, f"--user-data-dir={self.directory}/profile", "--dump-dom", "file://" + path],
                              capture_output=True, text=True, check=True, timeout=60)
        self.assertNotIn("CONSOLE", done.stderr)
        self.assertIn("<h1>All documents</h1>", done.stdout)

    def refuses_what_comes_in(self, path):
        """Were a text ever taken for markup, nothing of it would run."""
        bad = ("<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
               "<style>body{display:none}</style><p style='color:red'>")
        tampered = os.path.join(self.output, "tampered.html")
        with open(path, encoding="utf-8") as f, open(tampered, "w", encoding="utf-8") as to:
            to.write(f.read().replace("<main>", "<main>" + bad))
        self.show(tampered)
        self.assertTrue(self.browser.run("return document.title").startswith("All documents"))
        self.assertEqual(self.browser.run("return getComputedStyle(document.body).display"), "block")
        self.assertTrue(any("Content Security Policy" in line for line in self.browser.log()))

    def test_hostile_texts_are_texts(self):
        broken = [result(s, f"N{i}", "1", "1", "5", "EUR") for i, s in enumerate(HOSTILE)]
        broken.append(result("Plain", HOSTILE[0], "1", "1", "5", HOSTILE[1], HOSTILE[2]))
        for name in ("javascript:alert(1).pdf", "<b>\u202efdp.\"'.pdf", b"\xff\x07.pdf"):
            self.write(name, b"no PDF")
        self.store(broken, others=3)
        browser = self.show(self.report())
        self.assertEqual(browser.log(), [])
        self.assertTrue(browser.run("return document.title").startswith("All documents"))
        self.assertEqual(browser.run("return document.scripts.length + document.querySelectorAll('style').length"), 2)
        strange = "img, iframe, object, embed, link, base, form, [style], [onload], [onerror]"
        self.assertEqual(browser.run("return document.querySelectorAll(arguments[0]).length", strange), 0)
        page = browser.run("return document.body.textContent")
        for text in (HOSTILE[0], HOSTILE[1], "Safe \\u{202E}gnp.exe", "\\u{0007}\\u{001B}[31m &amp; {{7*7}}", "\\xFF\\u{0007}.pdf"):
            self.assertIn(text, page)
        for forbidden in "\u202e\u2066\u2069\x07\x1b":
            self.assertNotIn(forbidden, page)
        links = browser.run("return Array.from(document.links, a => a.getAttribute('href') + ' ' + a.protocol)")
        self.assertTrue(links)
        for link in links:
            self.assertRegex(link, r"^\.\./invoices/[A-Za-z0-9%._~/-]+ file:$")
        self.assertLess(os.path.getsize(os.path.join(self.output, "report.html")), 100000)


@needs_browser
class Sizes(Shown):
    """Of 60 and 3,000 documents, with MB_E2E_LONG=1 of 5,000 and 100,000."""

    def setUp(self):
        super().setUp()
        if not os.access(MAKER, os.X_OK):
            self.skipTest("needs bench_export_ledger, which tests are built with")

    def of(self, documents, every):
        """A ledger in which every EVERY-th total is wrong."""
        self.output = os.path.join(self.directory, f"out-{documents}")
        os.mkdir(self.output)
        subprocess.run([MAKER, self.output, str(documents), "0", str(every)], check=True)
        path = self.report()
        self.assertLess(os.path.getsize(path), 1000000)
        self.show(path)
        self.assertEqual([row[:5] for row in self.shown_amounts()], self.exported_amounts())
        sentence = self.text_of(".sentence")[0].replace("\u202f", "")
        self.assertIn(f"All {documents} documents have a result.", sentence)
        self.assertIn(f"{documents // every} need a person.", sentence)

    def check_the_table(self):
        rows = self.visible_rows("review-t")
        number = re.search(r"invoice-\d+", rows[-1])[0]
        self.browser.run("document.querySelector('.controls[data-table=review-t] input').focus()")
        self.browser.type(number)
        self.assertEqual(self.visible_rows("review-t"), [r for r in rows if number in r])
        self.browser.press(ESCAPE)
        totals = "return Array.from(document.querySelectorAll('#review-t tbody tr'), r => parseFloat(r.cells[3].dataset.v))"
        for down in (True, False):
            self.browser.run("document.querySelectorAll('#review-t th')[3].querySelector('button').click()")
            given = self.browser.run(totals)
            self.assertEqual(len(given), len(rows))
            self.assertEqual(given, sorted(given, reverse=down))
        self.assertEqual(self.browser.log(), [])

    def test_sizes(self):
        for documents, every in ((60, 6), (3000, 5)):
            self.of(documents, every)
            self.check_the_table()

    @unittest.skipUnless(os.environ.get("MB_E2E_LONG"), "minutes; MB_E2E_LONG=1 runs it")
    def test_large_ones(self):
        for documents, every, seconds in ((5000, 5, 2), (100000, 20, 40)):
            self.of(documents, every)
            self.check_the_table()
            before = os.times()
            self.report()
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            self.assertLess(used, seconds, documents)


class Places(Ledgers):
    def test_a_run_ends_with_it_unless_told_otherwise(self):
        self.write_pdfs(2)
        _, out, _ = self.run_batch(sandbox=self.fast_sandbox())
        path = os.path.join(os.path.realpath(self.output), "report.html")
        self.assertIn(f"on one page: {path}\n", out)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        os.unlink(path)
        self.write_pdfs(1, first=5)
        _, out, _ = self.run_batch(sandbox=self.fast_sandbox(), options={"report.enabled": "no"})
        self.assertFalse(os.path.exists(path))
        self.assertNotIn("on one page", out)

    def test_a_run_in_which_nothing_happens_leaves_it(self):
        path = os.path.join(os.path.realpath(self.output), "report.html")
        sandbox = self.fast_sandbox()

        def page_after(run):
            run()
            with open(path, encoding="utf-8") as f:
                return os.stat(path).st_ino, f.read()

        def again(**options):
            return lambda: self.run_batch(sandbox=sandbox, options=options)

        self.write_pdfs(2)
        first = page_after(again())
        self.assertEqual(page_after(again()), first)
        inode, page = page_after(again(**{"review.min_confidence": "Medium"}))
        self.assertNotEqual(inode, first[0], "made with other options")
        self.write_pdfs(1, first=5)
        more = page_after(again())
        self.assertIn("<strong>All 3 documents</strong>", more[1])
        key = re.search(r"d[0-9a-f]{16}", self.finish(self.start("review"), 1)[1])
        self.finish(self.start("review", words=("accept", key.group())), 0)
        decided = page_after(again())
        self.assertNotEqual(decided[0], more[0], "somebody decided on a record")
        os.unlink(path)
        last = page_after(again())[1]  # but for when its run was: a minute may have ended
        times = re.compile(r"\d\d:\d\d to \d\d:\d\d")
        self.assertEqual(times.sub("", last), times.sub("", decided[1]))

    def test_a_run_whose_page_cannot_be_made_is_no_worse(self):
        self.write_pdfs(1)
        os.makedirs(os.path.join(self.output, "report.html", "x"))
        _, out, err = self.run_batch(sandbox=self.fast_sandbox())
        self.assertIn("[report.failed]", err)
        self.assertNotIn("on one page", out)

    def test_places(self):
        self.write_pdfs(1)
        self.run_batch(sandbox=self.fast_sandbox())
        elsewhere = os.path.join(self.directory, "there")
        os.mkdir(elsewhere)
        for to, made in ((elsewhere, "report.html"), (os.path.join(elsewhere, "may.html"), "may.html")):
            self.finish(self.start("report", words=("--to", to)), 0)
            self.assertTrue(os.path.exists(os.path.join(elsewhere, made)))
        code, _, err = self.finish(self.start("report", words=("--to", os.path.join(self.directory, "no", "x.html"))), 2)
        self.assertIn("--to", err)
        code, _, err = self.finish(self.start("report", words=("--period", "2031-01")), 2)
        self.assertIn("there is no period 2031-01", err)
        self.assertEqual(code, 2)


class Scheduled(ScheduleCase):
    def test_a_period_has_a_page_of_its_own_that_stays(self):
        sandbox = self.fast_sandbox()
        self.write_pdfs(2)
        self.as_if_asked_for(sandbox, days=1)
        told = os.path.join(self.directory, "told")
        process = self.serve(sandbox, schedule__late="same", notify__command=f"/bin/sh -c 'cat > {told}.part && mv {told}.part {told}'")
        wait_for(lambda: os.path.exists(told), "word of the period's run")
        self.stop(process)
        path = os.path.join(os.path.realpath(self.output), f"report-{self.period}.html")
        with open(path, encoding="utf-8") as f:
            page = f.read()
        self.assertIn(f"<h1>Documents of {self.period}</h1>", page)
        self.assertIn("<strong>All 2 documents</strong>", page)
        with open(told, encoding="utf-8") as f:
            self.assertEqual(json.load(f)["report"], path)
        self.write_pdfs(1, first=9)
        self.run_batch(sandbox=sandbox)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), page, "another run left it alone")
        with open(os.path.join(self.output, "report.html"), encoding="utf-8") as f:
            self.assertIn("<strong>All 3 documents</strong>", f.read())


if __name__ == "__main__":
    unittest.main()
