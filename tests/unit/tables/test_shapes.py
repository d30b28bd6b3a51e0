#!/usr/bin/env python3
"""test_shapes.py DUMP_TABLES [SEED [COUNT]]: no value of a result is lost, none is made up, none changes.

Results of every shape are made from a seed, written as JSON with the numbers' texts chosen here, and walked here by
position, in this file's own words; DUMP_TABLES flattens the same bytes. For each, the multisets of (path with places,
kind, text) must be the same. Mindee's own sample results go the same way, where they lie beside the project.
A failing result is kept in shapes-failed.json."""
import collections
import json
import pathlib
import random
import re
import subprocess
import sys

SAMPLES = pathlib.Path(__file__).resolve().parents[4] / "shared/mindee-api/samples/results"
NAMES = ["value", "items", "fields", "confidence", "locations", "_file", "a.b", "A", "a", "A/a", "%41", "#", "%", "",
         "documents", "pages", "splits", "total_net", "date", "naïve", "x\ty", "nul\0in", "q\"\\", "_", "日本", "\ud83d"]
NUMBERS = ["0", "-0", "1", "195.0", "1881.30", "12345678901234567890", "9007199254740993", "1e5", "1E-7", "-0.0",
           "1e400", "0." + "3" * 300, "9" * 400, "-282.92", "0.30000000000000004"]
TEXTS = ["", "x", "437 254 437 00179", "line\nbreak", "=1+1", "12:52:33", "2026-11-30", "€", "\U0001f4c4", "\0", "\udc00",
         "a; b", "{\"not\": \"json\"}", "\\", "\x7f\x1f", "0000000006804"]


class Number(str):
    """The text of a JSON number."""


class Pairs(list):
    """The members of an object, in their order, names more than once too."""


# ---- JSON: written and read here with numbers as texts and members as pairs ----


def write(value, out, rng):
    blank = rng.choice(["", "", "", " ", "\n  "])
    if isinstance(value, Pairs):
        out.append("{" + blank)
        for i, (name, member) in enumerate(value):
            out.append((", " if i else "") + spell(name, rng) + blank + ":")
            write(member, out, rng)
        out.append(blank + "}")
    elif isinstance(value, list):
        out.append("[")
        for i, item in enumerate(value):
            out.append("," + blank if i else "")
            write(item, out, rng)
        out.append("]")
    elif isinstance(value, Number):
        out.append(value)
    elif isinstance(value, str):
        out.append(spell(value, rng))
    else:
        out.append({None: "null", True: "true", False: "false"}[value])


def spell(text, rng):
    ascii_only = rng.random() < 0.3 or any(0xD800 <= ord(c) < 0xE000 for c in text)
    spelled = json.dumps(text, ensure_ascii=ascii_only)
    if rng.random() < 0.1:  # letters as escapes, too
        spelled = re.sub(r"(?<![\\u0-9a-fA-F])[g-tv-z](?![\\])", lambda m: f"\\u{ord(m[0]):04x}", spelled, count=1)
    return spelled


def read(data):
    return json.loads(data, object_pairs_hook=Pairs, parse_float=Number, parse_int=Number, parse_constant=Number)


def mended(text):
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


# ---- shapes ----


def scalar(rng):
    kind = rng.randrange(6)
    return (None if kind == 0 else rng.choice([True, False]) if kind == 1 else Number(rng.choice(NUMBERS)) if kind < 4
            else rng.choice(TEXTS))


def extras(rng):
    members = Pairs()
    if rng.random() < 0.6:
        members.append(("confidence", rng.choice([None, "Certain", "High", "Medium", "Low", "Odd", Number("3")])))
    if rng.random() < 0.5:
        location = Pairs([("polygon", [[Number("0.1"), Number("0.2")]]), ("page", Number(str(rng.randrange(3))))])
        members.append(("locations", rng.choice([[], [location], None, [location, location]])))
    if rng.random() < 0.1:
        members.append(("later_member", Pairs([("value", Number("666"))])))
    return members


def field(rng, depth):
    kind = rng.random()
    members = extras(rng)
    if kind < 0.04:
        return rng.choice([None, Number("7"), "bare", [], [Number("1")], Pairs(), Pairs([("value", [True, " a b "])]),
                           Pairs([("items", None)]), Pairs([("fields", [])]), Pairs([("confidence", "High")])])
    if kind < 0.5 or depth == 0:
        members.append(("value", scalar(rng)))
    elif kind < 0.75:
        members.append(("fields", fields(rng, depth - 1)))
    else:
        simple = rng.random() < 0.3
        members.append(("items", [field(rng, 0 if simple else depth - 1) for _ in range(rng.randrange(4))]))
    if rng.random() < 0.1:  # what must not be looked at, since something else decides
        members.append((rng.choice(["value", "fields"]), rng.choice([None, Number("999")])))
    if rng.random() < 0.05 and members:
        members.append(rng.choice(members))
    rng.shuffle(members)
    return members


def fields(rng, depth):
    names = [rng.choice(NAMES) for _ in range(rng.randrange(6))]
    return Pairs((name, field(rng, depth)) for name in names)


def inference(rng, depth, parts):
    members = Pairs()
    if rng.random() < 0.95:
        members.append(("fields", fields(rng, depth)))
    if parts and rng.random() < 0.3:
        kind = rng.choice(["splits", "crops"])
        members.append((kind, [part(rng, depth) for _ in range(rng.randrange(3))]))
    elif parts and rng.random() < 0.1:
        members.append(("classification", part(rng, depth)))
    rng.shuffle(members)
    return Pairs([("id", "x"), ("model", Pairs([("id", "m")])), ("result", members)])


def part(rng, depth):
    members = Pairs([("document_type", "invoice")])
    if rng.random() < 0.7:
        members.append(("extraction_response", Pairs([("inference", inference(rng, depth - 1, False))])))
    return members


# ---- the walk ----


def members_of(pairs):
    """The first of each name."""
    first = {}
    for name, value in pairs:
        first.setdefault(mended(name), value)
    return first


def compact(value):
    """JSON text without blanks between its parts; strings are compared decoded."""
    if isinstance(value, Pairs):
        return ("object", tuple((mended(k), compact(v)) for k, v in value))
    if isinstance(value, list):
        return ("array", tuple(compact(v) for v in value))
    return ("number", str(value)) if isinstance(value, Number) else mended(value) if isinstance(value, str) else value


def walk_field(path, value, found):
    known = members_of(value) if isinstance(value, Pairs) else {}
    if isinstance(known.get("items"), list) and not isinstance(known["items"], Pairs):
        for n, item in enumerate(known["items"], 1):
            walk_field(path + (n,), item, found)
    elif isinstance(known.get("fields"), Pairs):
        for name, member in members_of(known["fields"]).items():
            walk_field(path + (name,), member, found)
    elif "value" in known and not isinstance(known["value"], list):
        found[(path, *typed(known["value"]))] += 1
    else:
        found[(path, "json", compact(value))] += 1


def typed(value):
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    return ("number", str(value)) if isinstance(value, Number) else ("text", mended(value))


def walk_inference(suffix, value, found):
    result = members_of(members_of(value)["result"])
    if isinstance(result.get("fields"), Pairs):
        for name, member in members_of(result["fields"]).items():
            walk_field((suffix, name), member, found)
    parts = [result.get(kind) or [] for kind in ("splits", "crops")]
    if isinstance(result.get("classification"), Pairs):
        parts.append([result["classification"]])
    for each in parts:
        for n, item in enumerate(each, 1):
            response = members_of(item).get("extraction_response")
            if isinstance(response, Pairs) and isinstance(members_of(response).get("inference"), Pairs):
                walk_inference(f"{suffix}/{n}", members_of(response)["inference"], found)


# ---- the tables ----


def unescape(name):
    return re.sub(rb"%([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), bytes(name, "utf-8")).decode("utf-8")


def from_tables(document):
    """The same multiset, from rows and cells. Each row's list is found by its table's name and the places around it;
    an object or a list on the way look the same in a name, so places are compared as a list beside the names."""
    found = collections.Counter()
    for row in document["rows"]:
        if row["table"] in ("splits", "crops", "classifications", "pages", "_words"):
            continue
        table = [] if row["table"] == "documents" else [unescape(p) for p in row["table"].split(".") if p != "#"]
        for column, kind, text, joined, item, _, _ in row["cells"]:
            if joined:
                continue
            names = table + ([] if item else [unescape(part) for part in column.split(".")])
            places = row["up"][::-1] + ([row["n"]] if row["n"] else [])
            if kind == "json":
                text = compact(read(text))
            found[(row["record"], tuple(names), tuple(places), kind, text)] += 1
    return found


def as_rows(found):
    """The walk's multiset in the form of the tables': names and places apart."""
    rows = collections.Counter()
    for (path, kind, text), times in found.items():
        names = tuple(p for p in path[1:] if isinstance(p, str))
        rows[(path[0], names, tuple(p for p in path if isinstance(p, int)), kind, text)] += times
    return rows


# ---- joined cells and confidences ----


def check_joined(document):
    for row in document["rows"]:
        for column, kind, text, joined, _, _, _ in row["cells"]:
            if not joined:
                continue
            name = column if row["table"] == "documents" else f"{row['table']}.{column}"
            if name in ("documents", "splits", "crops", "classifications", "pages"):
                name = f"%{ord(name[0]):02X}{name[1:]}"
            around = ([row["n"]] if row["n"] else []) + row["up"]
            items = [cell for r in document["rows"] if r["record"] == row["record"] and r["table"] == name
                     and r["up"] == around for cell in r["cells"] if cell[4] and cell[1] != "null"]
            assert text == "; ".join(cell[2] for cell in items), (name, text, items)
            assert kind == ("text" if items else "null")


def check_lowest(document):
    ranks = {"Low": 0, "Medium": 1, "High": 2, "Certain": 3}
    for suffix, word, path in document["lowest"]:
        words = [cell[5] for row in document["rows"] if row["record"] == suffix for cell in row["cells"]
                 if cell[5] and cell[1] != "null"]
        assert word == (min(words, key=lambda w: ranks.get(w, -1)) if words else ""), (words, word)
        assert (path is not None) == bool(words), path


def results(seed, count):
    for path in sorted(SAMPLES.glob("*.json")) if SAMPLES.is_dir() else []:
        yield path.read_bytes()
    if not SAMPLES.is_dir():
        print(f"{SAMPLES} isn't there: without Mindee's own samples")
    rng = random.Random(seed)
    for _ in range(count):
        out = []
        write(Pairs([("inference", inference(rng, 6, True))]), out, rng)
        yield "".join(out).encode("utf-8")


def check(data, document):
    walked = collections.Counter()
    assert "error" not in document, document
    walk_inference("", members_of(read(data))["inference"], walked)
    expected, tables = as_rows(walked), from_tables(document)
    assert expected == tables, f"lost: {expected - tables}\nmade up: {tables - expected}"
    check_joined(document)
    check_lowest(document)
    return sum(expected.values())


def main(dump, seed="1", count="3000"):
    inputs = list(results(int(seed), int(count)))
    frames = b"".join(b"%d\n%s" % (len(data), data) for data in inputs)
    lines = subprocess.run([dump], input=frames, stdout=subprocess.PIPE, check=True).stdout.decode("utf-8").split("\n")
    assert len(lines) == len(inputs) + 1 and lines[-1] == "", (len(lines), len(inputs))
    values = 0
    for data, line in zip(inputs, lines):
        try:
            values += check(data, json.loads(line))
        except AssertionError as failure:
            pathlib.Path("shapes-failed.json").write_bytes(data)
            print(failure)
            return 1
    print(f"{len(inputs)} results, {values} values: all there, as they were sent")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
