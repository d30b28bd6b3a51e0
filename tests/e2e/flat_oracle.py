"""An independent walk of a result: which value stands in which column of which table.

Only the rules are shared with the program, none of its code: a FIELD is a list where `items` is an array, else an
object where `fields` is one, else a value; names are escaped so that nothing can collide.
"""

import json
from collections import Counter


class Number(str):
    """As it is written."""


def parse(data):
    def first_of_each(pairs):
        found = {}
        for key, value in pairs:
            found.setdefault(key, value)
        return found

    text = data.decode("utf-8") if isinstance(data, bytes) else data
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=None, object_pairs_hook=first_of_each)


def escape(name):
    out = ""
    for i, c in enumerate(name):
        special = c in "%.#" or ord(c) < 0x20 or ord(c) == 0x7F or (i == 0 and c == "_")
        out += "".join(f"%{b:02X}" for b in c.encode()) if special else c
    return out


OWN_TABLES = {"documents", "splits", "crops", "classifications", "pages"}


def table_name(path):
    """PATH: the name of the table of the enclosing list, if there is one, and the names from there on."""
    name = ".".join(path)
    return f"%{ord(name[0]):02X}{name[1:]}" if name in OWN_TABLES else name


def shown(value):
    """(kind, text), or None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return ("boolean", "true" if value else "false")
    if isinstance(value, Number):
        return ("number", str(value))
    if isinstance(value, str):
        return ("text", value)
    return ("json", None)


class Record:
    def __init__(self, key):
        self.key = key
        self.values = {}  # column: (kind, text) or None
        self.tables = {}  # name: [(ups, {column: ...})], ups from the nearest

    def rows(self, name):
        return self.tables.setdefault(name, [])


def walk_fields(record, fields, row, prefix, lists, places):
    for name, field in fields.items():
        walk_field(record, field, row, prefix + [escape(name)], lists, places)


def walk_field(record, field, row, prefix, lists, places):
    column = ".".join(prefix)
    if isinstance(field, dict) and isinstance(field.get("items"), list):
        table = table_name(lists + prefix)
        path = [table]
        record.rows(table)
        simple = []
        for n, item in enumerate(field["items"], 1):
            inner = {}
            record.rows(table).append(((n, *places), inner))
            if isinstance(item, dict) and isinstance(item.get("items"), list):
                walk_field(record, item, inner, ["#"], path, (n, *places))
            elif isinstance(item, dict) and isinstance(item.get("fields"), dict):
                walk_fields(record, item["fields"], inner, [], path, (n, *places))
            elif isinstance(item, dict) and "value" in item and not isinstance(item["value"], (dict, list)):
                inner["value"] = shown(item["value"])
                simple.append(inner["value"])
            else:
                inner["value"] = ("json", None)
                simple.append(inner["value"])
    elif isinstance(field, dict) and isinstance(field.get("fields"), dict):
        walk_fields(record, field["fields"], row, prefix, lists, places)
    elif isinstance(field, dict) and "value" in field and not isinstance(field["value"], (dict, list)):
        row[column] = shown(field["value"])
    else:
        row[column] = ("json", None)


def records(result):
    """Those of a parsed GET result: [(suffix, Record)]."""
    found = []

    def one(inner, key):
        record = Record(key)
        if isinstance(inner.get("fields"), dict):
            walk_fields(record, inner["fields"], record.values, [], [], ())
            found.append(record)
        for name in ("splits", "crops"):
            for n, part in enumerate(inner.get(name) or [], 1):
                nested(part, f"{key}/{n}")
        if isinstance(inner.get("classification"), dict):
            nested(inner["classification"], f"{key}/1")

    def nested(part, key):
        extraction = part.get("extraction_response") if isinstance(part, dict) else None
        if isinstance(extraction, dict):
            one(extraction["inference"]["result"], key)

    one(result["inference"]["result"], "")
    return found


def multiset(record):
    """(table, column, kind, text) of all that isn't null, how often."""
    found = Counter()
    for column, value in record.values.items():
        if value:
            found["documents", column, *value] += 1
    for table, rows in record.tables.items():
        for _, row in rows:
            for column, value in row.items():
                if value:
                    found[table, column, *value] += 1
    return found
