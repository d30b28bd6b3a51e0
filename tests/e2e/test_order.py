"""The order of sending: over all that is known when there is room again, whenever it was found, and
in the order that this run asks for. The first window's worth goes out while the walk is still on."""

import os
import unittest

from harness import Case

WINDOW = 4


def pages_pdf(number, pages):
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(pages))
    page = b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    return (
        b"%%PDF-1.4\n%% %d\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[%b]/Count %d>>endobj\n" % (number, kids, pages)
        + b"".join(page % (3 + i) for i in range(pages))
        + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def padded_pdf(number, size):
    data = pages_pdf(number, 1)
    return data + b"%" * (size - len(data))


class Batch:
    """A directory, an output and a server of its own."""

    def __init__(self, case, name):
        self.case, self.name = case, name
        self.input = os.path.join(case.directory, name)
        os.mkdir(self.input)
        self.sandbox = case.fast_sandbox()
        self.options = {
            "output.directory": os.path.join(case.directory, name + "-out"),
            "limits.state": os.path.join(case.directory, name + "-state"),
        }

    def write(self, files):
        for name, data in files.items():
            with open(os.path.join(self.input, name), "wb") as f:
                f.write(data)

    def only_queue(self):
        """Everything is found and nothing is sent: the budget is nothing."""
        options = dict(self.options, **{"limits.max_credits": "0"})
        self.case.finish(
            self.case.start("run", self.input, sandbox=self.sandbox, options=options), 5
        )
        self.case.assertEqual(self.sandbox.stats()["posts"], 0)

    def start(self, order):
        options = {
            "input.order": order,
            "limits.uploads": "1",
            "limits.post_per_minute": str(WINDOW),
            "limits.get_per_minute": "0",
        }
        options.update(self.options)
        return self.case.start("run", self.input, sandbox=self.sandbox, options=options)

    def accepted(self):
        return [job["filename"] for job in self.sandbox.jobs()]


class Order(Case):
    def test_by_what_is_known_when_there_is_room(self):
        sizes = Batch(self, "sizes")
        sizes.write({f"old-{kb}.pdf": padded_pdf(kb, kb * 1000) for kb in (1, 2, 3, 4, 5)})
        sizes.only_queue()
        # found later, and before the others by size; two are equal
        later = {"new-7.pdf": 7000, "new-9.pdf": 9000, "new-7-too.pdf": 7000}
        sizes.write({name: padded_pdf(100 + i, later[name]) for i, name in enumerate(later)})

        # queued by a run that had no reason to count pages
        pages = Batch(self, "pages")
        counts = {f"{'abcdefgh'[n - 1]}-{n}.pdf": n for n in range(1, 9)}
        pages.write({name: pages_pdf(200 + n, n) for name, n in counts.items()})
        pages.only_queue()

        runs = [sizes.start("largest"), pages.start("pages")]
        for run in runs:
            self.finish(run, 0)

        size_of = {f"old-{kb}.pdf": kb * 1000 for kb in (1, 2, 3, 4, 5)} | later
        for batch, key in ((sizes, size_of), (pages, counts)):
            order = batch.accepted()
            self.assertEqual(sorted(order), sorted(key))
            second = [key[name] for name in order[WINDOW:]]
            self.assertEqual(second, sorted(second, reverse=True), order)
            self.assertGreater(second[0], min(key.values()), order)
        self.assertNotIn("old-1.pdf", sizes.accepted()[:-1])


if __name__ == "__main__":
    unittest.main()
