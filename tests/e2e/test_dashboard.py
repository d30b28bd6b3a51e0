"""The page of http.listen in a real browser: what it shows, that it keeps up, and that nobody's file name runs in it."""

import os
import re
import unittest

import axe
from browser import ENTER, TAB, Browser, needs_browser
from harness import pdf, wait_for
from test_monitor import MonitorCase

NAMES = ['"><script>alert(1).pdf', "<img src=x onerror=alert(1)>.pdf"]


@needs_browser
class Dashboard(MonitorCase):
    def browser(self, *arguments, **keywords):
        browser = Browser(*arguments, **keywords)
        self.addCleanup(browser.close)
        return browser

    def open(self, browser, path="/"):
        browser.open(f"http://127.0.0.1:{self.port}{path}")

    def begin(self, **more):
        self.write_pdfs(6)
        for i, name in enumerate(NAMES):
            self.write(name, pdf(50 + i))
        self.write("empty.pdf", b"")
        self.serve(self.fast_sandbox(), **more)

    def wait_until_stored(self, count):
        wait_for(lambda: self.samples().get('mindee_batch_documents{batch="",state="stored"}') == count, f"{count} stored")

    @staticmethod
    def stored(browser, count):
        browser.wait(f"return document.querySelector('#shared dl') && "
                     f"document.querySelector('#batches li.stored b').textContent === '{count}'", f"{count} stored")

    def test_it_keeps_up_and_finds(self):
        self.begin()
        self.wait_until_stored(8)
        browser = self.browser(1280, 900)
        self.open(browser)
        self.stored(browser, 8)
        browser.wait("return document.body.textContent.includes('empty.pdf')", "what went wrong")
        self.assertIn("9 files, 9 documents, 0 duplicates", browser.run("return document.body.textContent"))
        self.write_pdfs(2, first=20)
        self.stored(browser, 10)
        browser.press(TAB)
        self.assertEqual(browser.run("return document.activeElement.type"), "search")
        for typed, name in (("onerror", NAMES[1]), ("SCRIPT>", NAMES[0])):
            browser.run("document.getElementById('text').value = ''")
            browser.type(typed)
            browser.press(ENTER)
            browser.wait(f"return document.querySelector('#found td:nth-child(2)')?.textContent.endsWith({name!r})", name)
            self.assertEqual(browser.run("return document.querySelector('#found td:nth-child(3)').textContent"), "stored")
        for _ in range(2):  # the button to find, the history
            browser.press(TAB)
        browser.press(ENTER)
        browser.wait("return document.querySelectorAll('#found ol li').length >= 4", "the history")
        self.assertEqual(axe.findings(browser), [])
        self.assertEqual(browser.run("return document.querySelectorAll('img').length"), 0)
        self.assertEqual(browser.log(), [])

    def test_a_phone_at_night(self):
        self.begin()
        self.wait_until_stored(8)
        browser = self.browser(400, 800, dark=True)
        self.open(browser)
        self.stored(browser, 8)
        browser.wait("return document.querySelector('#batches table')", "what went wrong")
        self.assertEqual(axe.findings(browser), [])
        self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), 400)
        self.assertEqual(browser.log(), [])

    def test_a_person_types_the_token(self):
        path = os.path.join(self.directory, "token")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
            f.write("open sesame\n")
        self.port = None
        self.serve(self.fast_sandbox(), **{"http.token_file": path})
        browser = self.browser(800, 600)
        self.open(browser)
        browser.wait("return location.pathname === '/login' && document.querySelector('[name=token]')", "the form")
        self.assertEqual(axe.findings(browser), [])
        browser.press(TAB)
        browser.type("open sesame")
        browser.press(ENTER)
        browser.wait("return location.pathname === '/' && document.querySelector('#shared dl')", "the page")
        self.assertEqual([line for line in browser.log() if "favicon" not in line], [])


class WithoutScript(MonitorCase):
    def test_the_numbers_are_in_the_page(self):
        self.write_pdfs(3)
        self.write("again.pdf", pdf(1))
        self.serve(self.fast_sandbox())
        wait_for(lambda: self.samples().get('mindee_batch_documents{batch="",state="stored"}') == 3, "three stored")
        page = self.text("/")
        self.assertIn("<b>3</b> stored", page)
        self.assertIn("4 files, 3 documents, 1 duplicates", page)
        self.assertNotIn("style=", page)
        files = re.findall(r'(?:src|href)="([^"]+)"', page)
        self.assertEqual(sorted(files), ["/dashboard.css", "/dashboard.js", "/icon.svg"])
        self.assertLessEqual(len(page) + sum(len(self.text(file)) for file in files), 40000)


if __name__ == "__main__":
    unittest.main()
