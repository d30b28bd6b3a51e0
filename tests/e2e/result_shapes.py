"""Results of every shape that the API's words allow, and of some that they don't: seeded."""

import json

NAMES = ["value", "items", "fields", "confidence", "locations", "_file", "a.b", "A/a", "%41", "#", "total_amount", "Total_Amount",
         "supplier_name", "date", "größe", "документ", "with space", "x\ny", "splits", "pages", "documents", "", "_record"]
NUMBERS = ["0", "-0", "1881.30", "1881.3", "12345678901234567890", "9007199254740993", "0.1", "-282.92", "1e5", "1E-7",
           "-0.0", "193.2", "2145", "1" * 400, "0.30000000000000004"]
TEXTS = ["", "x", "00123", "=1+1", "+1", "@SUM(A1)", "'quoted", "a;b,c\td", "line\nbreak", 'say "so"', " blank ", "2026-11-30",
         "2026-02-30", "TRUE", "1e5", "\u202egnp.exe", "😀", "ﬀ", "١٢٣", "#N/A", "_x0041_", "long " * 50]


class Raw(str):
    """Goes into the JSON as it is."""


def dump(value):
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Shapes:
    def __init__(self, random):
        self.random = random

    def value(self):
        kind = self.random.randrange(10)
        if kind < 3:
            return Raw(self.random.choice(NUMBERS))
        if kind < 7:
            return self.random.choice(TEXTS)
        return self.random.choice([True, False, None])

    def simple(self):
        field = {"value": self.value()}
        if self.random.random() < 0.7:
            field["confidence"] = self.random.choice(["Certain", "High", "Medium", "Low", None])
        if self.random.random() < 0.5:
            field["locations"] = [{"polygon": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2], [0.1, 0.2]], "page": 0}]
        return field

    def names(self, most):
        return self.random.sample(NAMES, self.random.randint(0, most))

    def field(self, depth):
        kind = self.random.randrange(12)
        if depth == 0 or kind < 6:
            return self.simple()
        if kind < 8:
            return {"fields": {name: self.field(depth - 1) for name in self.names(4)}}
        if kind < 11:
            shape = self.random.randrange(3)
            items = []
            for _ in range(self.random.randint(0, 3)):
                if shape == 0:
                    items.append(self.simple())
                elif shape == 1:
                    items.append({"fields": {name: self.field(depth - 1) for name in self.names(4)}})
                else:
                    items.append(self.field(depth - 1))
            return {"items": items}
        return self.random.choice([{"text": "of a form that nobody knows"}, {"value": {"deep": [1, 2]}}, {}, 7, "bare", None, [1, "x"]])

    def fields(self, depth=5):
        return {name: self.field(depth) for name in self.names(8)}

    def nested(self, depth):
        return {"inference": {"id": "00000000-0000-4000-8000-000000000001", "model": {"id": "00000000-0000-4000-8000-000000000002"},
                              "result": {"fields": self.fields(depth)}}}

    def result(self):
        inner = {}
        kind = self.random.randrange(6)
        if kind < 4:
            inner["fields"] = self.fields()
        elif kind == 4:
            inner["splits"] = [{"page_range": [i, i], "document_type": "invoice",
                                "extraction_response": self.random.choice([None, self.nested(3)])}
                               for i in range(self.random.randint(0, 3))]
        else:
            inner["crops"] = [{"object_type": "receipt", "location": {"page": 0, "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]},
                               "extraction_response": self.random.choice([None, self.nested(3)])}
                              for _ in range(self.random.randint(0, 3))]
        whole = {"inference": {"id": "00000000-0000-4000-8000-000000000003", "file": {"page_count": 1}, "result": inner}}
        return dump(whole).encode()
