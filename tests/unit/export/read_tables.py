"""read_tables.py DIRECTORY: reads what test_table_sinks wrote there with Python's own csv, json and sqlite3, and
compares each cell with expected.txt: a line a cell, "table row column kind hex". Exits with 1 and says where they
differ."""
import csv
import json
import os
import sqlite3
import sys
from decimal import Decimal

directory = sys.argv[1]
tables = {}  # name: [{column: (kind, text)}]
with open(os.path.join(directory, "expected.txt"), encoding="ascii") as f:
    for line in f:
        table, row, column, kind, text = line.rstrip("\n").split(" ")
        rows = tables.setdefault(bytes.fromhex(table).decode(), [])
        while len(rows) <= int(row):
            rows.append({})
        rows[int(row)][bytes.fromhex(column).decode()] = (kind, bytes.fromhex(text).decode())
bad = []


def differ(where, found, expected):
    if found != expected:
        bad.append(f"{where}: {found!r}, not {expected!r}")


def plain(number):
    value = Decimal(number)
    text = number if "e" not in number.lower() else f"{value:f}"
    return text if value else text.removeprefix("-")


def csv_cell(cell, defused, decimal):
    kind, text = cell
    if kind in ("none", "null"):
        return ""
    if kind == "number":
        return plain(text).replace(".", decimal)
    if kind in ("text", "json"):
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    return text


def read_csv(name, table, delimiter, decimal, defused):
    with open(os.path.join(directory, name), encoding="utf-8-sig" if defused else "utf-8", newline="") as f:
        found = list(csv.reader(f, delimiter=delimiter, strict=True))
    back = [[c[1:] if defused and c.startswith("'") else c for c in row] for row in found]
    rows = tables[table]
    differ(name + " columns", back[0], list(rows[0]))
    differ(name + " rows", len(back) - 1, len(rows))
    for n, row in enumerate(rows):
        for column, (name_of, cell) in enumerate(row.items()):
            where = f"{name} row {n} {name_of}"
            expected = csv_cell(cell, defused, decimal)
            differ(where, back[n + 1][column], expected)
            raw = found[n + 1][column]
            if defused and cell[0] == "text" and raw.lstrip(" \u00a0")[:1] in tuple("=+@\t\r\n|＝＋－＠"):
                bad.append(f"{where}: {raw!r} is a formula")


class Number(str):
    pass


def json_cell(value):
    if value is None:
        return "null", ""
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    return ("number" if isinstance(value, Number) else "text"), str(value)


def once(pairs):
    names = [name for name, _ in pairs]
    differ("jsonl names", len(names), len(set(names)))
    return dict(pairs)


def loads(text):
    return json.loads(text, parse_float=Number, parse_int=Number, object_pairs_hook=once)


def read_json(table_of_lists):
    with open(os.path.join(directory, "all.jsonl"), encoding="utf-8", newline="\n") as f:
        objects = [loads(line) for line in f]
    documents, lines = iter(tables["documents"]), []
    for o in objects:
        differ("jsonl members", list(o), ["record", "values", "tables"])
        if o["record"]["_record"] == "bare":
            differ("jsonl", o["values"], {})
            differ("jsonl", set(o["record"]), {"_record", "_file"})
        else:
            row = next(documents)
            found = {**o["record"], **o["values"]}
            for column, cell in row.items():
                if cell[0] == "none" and not column.startswith("_"):
                    differ("jsonl " + column, column in found, False)
                elif cell[0] == "json":
                    differ("jsonl " + column, found[column], loads(cell[1]))
                else:
                    expected = ("null", "") if cell[0] == "none" else cell
                    differ("jsonl " + column, json_cell(found[column]), expected)
        lines += [(o["record"]["_record"], row) for row in o["tables"].get(table_of_lists, [])]
        differ("jsonl tables", set(o["tables"]) <= {table_of_lists}, True)
    differ("jsonl rows", len(lines), len(tables[table_of_lists]))
    for (key, found), row in zip(lines, tables[table_of_lists]):
        differ("jsonl record", key, row["_record"][1])
        differ("jsonl in a row", "_record" in found, False)
        for column, cell in row.items():
            if cell[0] != "none" and column != "_record":
                differ(f"jsonl {column}", json_cell(found[column]), cell)


def read_sqlite():
    db = sqlite3.connect(f"file:{directory}/all.sqlite?mode=ro", uri=True)
    differ("integrity", db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    for table, rows in tables.items():
        quoted = '"' + table.replace('"', '""') + '"'
        found = db.execute(f"SELECT * FROM {quoted} ORDER BY rowid").fetchall()
        columns = [c[1] for c in db.execute(f"PRAGMA table_info({quoted})")]
        differ("sqlite columns", [c.split("~")[0] for c in columns], list(rows[0]))
        differ("sqlite columns", len({c.lower() for c in columns}), len(columns))
        differ("sqlite rows", len(found), len(rows))
        for n, row in enumerate(rows):
            for value, (column, (kind, text)) in zip(found[n], row.items()):
                expected = None if kind in ("none", "null") else plain(text) if kind == "number" else text
                if column in ("_pages", "_n") and expected is not None:
                    expected = int(expected)
                differ(f"sqlite {table} {n} {column}", value, expected)
        indexed = db.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {quoted} WHERE _record = 'x'").fetchall()
        differ("sqlite index", "USING INDEX" in indexed[0][3], True)
    total, = db.execute("SELECT sum(total_amount) FROM documents_num").fetchone()
    exact = sum(float(row["total_amount"][1]) for row in tables["documents"] if row["total_amount"][0] == "number")
    differ("sqlite sum", total, exact)
    differ("about", db.execute("SELECT name, value FROM about").fetchall(), [("tool", "mindee-batch"), ("period", None)])


read_csv("documents-2026-11.csv", "documents", ",", ".", True)
read_csv("line_items-2026-11.csv", "line_items", ",", ".", True)
read_csv("eu.csv", "documents", ";", ",", True)
read_csv("rfc.csv", "documents", ",", ".", False)
read_json("line_items")
read_sqlite()
for line in bad:
    print(line)
sys.exit(bool(bad))
