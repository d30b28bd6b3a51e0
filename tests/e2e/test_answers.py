"""Something between us and Mindee changes its answers.

What it only compresses or marks is read; what nobody can read was accepted all the same, and is never paid twice.
"""

import gzip
import os
import unittest
import zlib

from harness import Case, pdf
from liar import CLOSE, Liar, answer


def raw_deflate(body):
    squeezer = zlib.compressobj(wbits=-15)
    return squeezer.compress(body) + squeezer.flush()


def encoded(name, change):
    """An answer with its body changed, and the header that says so ("": none)."""

    def lie(request, honest):
        head, _, body = honest.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        body = change(body)
        lines += [b"Content-Length: %d" % len(body)] + ([b"Content-Encoding: " + name] if name else [])
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    return lie


BAD_GZIP = encoded(b"gzip", lambda body: gzip.compress(body)[:-10])


class Middlebox(Case):
    def setUp(self):
        super().setUp()
        self.liar = Liar()
        self.addCleanup(self.liar.stop)

    def documents(self, count, first=0, **hooks):
        names = []
        for i in range(first, first + count):
            self.write(f"doc-{i:02}.pdf", pdf(i))
            self.liar.lie(f"doc-{i:02}.pdf", **hooks)
            names.append(f"doc-{i:02}.pdf")
        return names

    def posts(self):
        return [request.name for request in self.liar.heard("post")]

    def run_changed(self, expected, options=None):
        return self.run_batch(sandbox=self.liar, expected=expected, options=options)

    def is_honest(self, name):
        self.liar.lie(name)


class Readable(Middlebox):
    def all_stored(self, change):
        self.documents(8, post=change, poll=change, result=change)
        self.run_changed(0)
        self.assertEqual(len(self.posts()), 8)
        results = self.results()
        self.assertEqual(len(results), 8)
        for request in self.liar.heard("result"):
            self.assertEqual(request.headers.get("accept-encoding"), "identity")
            honest = answer(200, {"inference": self.liar.inference(request.job)}).partition(b"\r\n\r\n")[2]
            self.assertEqual(results[request.name.encode() + b".json"], honest)

    def test_gzip(self):
        self.all_stored(encoded(b"gzip", gzip.compress))

    def test_gzip_without_a_word(self):
        self.all_stored(encoded(b"", gzip.compress))

    def test_deflate(self):
        self.all_stored(encoded(b"deflate", zlib.compress))

    def test_raw_deflate(self):
        self.all_stored(encoded(b"deflate", raw_deflate))

    def test_a_byte_order_mark(self):
        self.all_stored(encoded(b"", lambda body: b"\xef\xbb\xbf" + body))

    def test_a_header_that_was_forgotten(self):
        self.all_stored(encoded(b"gzip", lambda body: body))


class Unreadable(Middlebox):
    def stopped(self, err):
        sentences = [line for line in err.splitlines() if "can't be read" in line and "between" in line]
        self.assertEqual(len(sentences), 1, err)

    def nothing_twice(self):
        posts = self.posts()
        self.assertEqual(len(posts), len(set(posts)), posts)

    def check(self, lie, options=None, canary=4):
        self.documents(8, post=lie)
        _, _, err = self.run_changed(4, options)
        self.stopped(err)
        self.nothing_twice()
        first = self.posts()
        self.assertLessEqual(len(first), canary)
        self.assertEqual(self.summary()["in_doubt"], len(first))
        self.assertEqual(self.summary()["resent"], 0)
        for name in (f"doc-{i:02}.pdf" for i in range(8)):  # the trouble is over
            self.is_honest(name)
        self.run_changed(1, options)
        self.nothing_twice()
        self.assertEqual(len(self.posts()), 8)
        numbers = self.summary()
        self.assertEqual((numbers["stored"], numbers["in_doubt"]), (8 - len(first), len(first)))
        self.run_changed(1, options)
        self.assertEqual(len(self.posts()), 8)
        process = self.start("retry", sandbox=self.liar, options=self.FAST, words=("--in-doubt",))
        self.finish(process, 0)
        self.assertEqual(len(self.posts()), 8 + len(first))
        self.assertEqual(self.summary()["stored"], 8)

    def test_gzip_that_doesnt_decode(self):
        self.check(BAD_GZIP)

    def test_a_bomb(self):
        self.check(encoded(b"gzip", lambda body: gzip.compress(bytes(200_000_000), 9)))

    def test_another_encoding(self):
        self.check(encoded(b"br", lambda body: b"\x0b\x02\x80" + body[:40] + b"\x03"))

    def test_no_id(self):
        self.check(lambda r, h: answer(202, {}))

    def test_a_page(self):
        self.check(lambda r, h: answer(200, b"<html>welcome to the hotel</html>", content_type="text/html"))

    def test_cut_off(self):
        self.check(lambda r, h: [h[:-20], CLOSE])

    def test_on_hold(self):
        self.check(BAD_GZIP, {"retry.in_doubt": "hold"})

    def test_a_smaller_canary(self):
        self.check(BAD_GZIP, {"limits.canary": "1"}, canary=1)

    def test_two_are_held_without_a_stop(self):
        bad = self.documents(2, post=BAD_GZIP)
        self.documents(6, first=2)
        self.run_changed(1, {"limits.uploads": "1", "limits.canary": "4"})
        self.nothing_twice()
        numbers = self.summary()
        self.assertEqual((numbers["stored"], numbers["in_doubt"], numbers["resent"]), (6, 2, 0))
        rows = {os.path.basename(row["path"]): row["state"] for row in self.failures()}
        self.assertEqual(rows, {name: "in_doubt" for name in bad})

    def test_three_later_in_a_run_stop_it_too(self):
        self.documents(4)
        self.documents(40, first=4, post=BAD_GZIP)
        _, _, err = self.run_changed(4, {"limits.uploads": "2"})
        self.stopped(err)
        self.nothing_twice()
        # three in a row and the one beside the third; one more if the last good answer was slower than the first bad
        self.assertLessEqual(len(self.posts()), 4 + 1 + 3 + 1)


if __name__ == "__main__":
    unittest.main()
