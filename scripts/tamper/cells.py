"""Mutants of single cells and single rows: every column of every table."""

import json

import allowed
import values
from changes import Skipped, database, loose
from mutant import ALLOWED, OPENING, REFUSED, SEARCH, Mutant

KEYS = {
    "entries": ["seq"], "heads": ["size"], "tiles": ["level", "position"], "digest_lists": ["seq"], "members": ["id"],
    "slots": ["id"], "epochs": ["epoch"], "grants": ["epoch", "member"], "connectors": ["name"], "owners": ["id"],
    "tags": ["owner", "key"], "secrets": ["id"], "tests": ["owner"], "words_content": ["id"],
    "words_data": ["id"], "words_idx": ["segid", "term"], "words_config": ["k"],
}
"""Each table with its primary key; the last four are the shadow tables of the search index."""

USES = ("connection.exec", "connection.test", "connection.request", "connection.proxy", "connection.token", "client.mint")
LEDGER_TABLES = ("entries", "heads")
MANY, SOME = 12, 8
"""Up to 12 rows of a table are all changed; of more rows 8, including the first and the last."""


class Table:
    """The rows of a table in a vault, in an older copy and in another vault."""

    def __init__(self, name, vault, older, other):
        self.name, self.vault, self.keys = name, vault, KEYS[name]
        with vault.open() as file:
            columns = file.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        self.columns = [column[0] for column in columns]
        self.rows, self.stale, self.foreign = (self.read(source) for source in (vault, older, other))
        self.uses = uses(vault) if name == "secrets" else {}

    def read(self, source):
        with source.open() as file:
            rows = file.execute(f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY {', '.join(self.keys)}")
            return [dict(zip(self.columns, row)) for row in rows]

    def where(self):
        return " AND ".join(f"{key} = ?" for key in self.keys)

    def key(self, row):
        return [row[key] for key in self.keys]

    def sample(self):
        """Returns the rows to change, with their indexes."""
        count = len(self.rows)
        places = range(count) if count <= MANY else [at * (count - 1) // (SOME - 1) for at in range(SOME)]
        return [(at, self.rows[at]) for at in places]

    def same(self, rows, row):
        """Returns the row of another file with the key of this one."""
        for other in rows:
            if self.key(other) == self.key(row):
                return [other]
        return []


def uses(vault):
    """Returns the times of the uses of each owner by its row ID."""
    found = {}
    with vault.open() as file:
        owners = {uid.hex(): row for row, uid in file.execute("SELECT id, uid FROM owners")}
        for (text,) in file.execute("SELECT entry FROM entries"):
            entry = json.loads(text)
            if entry["action"] in USES:
                found.setdefault(owners.get(entry["object"]["id"]), set()).add(entry["time"])
    return found


def mutants(table, columns=None):
    """Yields every mutant of the cells and rows of a table, or of some columns."""
    for at, row in table.sample():
        name = f"{table.vault.name}/{table.name}@{at}"
        for column in columns or table.columns:
            others = [other[column] for other in table.rows if other is not row]
            stale = [other[column] for other in table.same(table.stale, row) + table.stale]
            foreign = [other[column] for other in table.foreign]
            for kind, value in values.variants(row[column], others, stale, foreign, at % 3 == 0):
                yield cell(table, f"{name}:{column}:{kind}", row, column, value, database)
            for kind, value in values.other_class(row[column]):
                if table.name not in ("words_data", "words_idx", "words_config", "words_content") or value is not None:
                    yield cell(table, f"{name}:{column}:{kind}", row, column, value, loose_of(table))
        yield from of_row(table, name, at, row)
        yield from swaps(table, name, at, row)


def loose_of(table):
    if table.name.startswith("words_"):
        return database
    return lambda path: loose(path, table.name)


def cell(table, name, row, column, value, opening):
    statement = f"UPDATE {table.name} SET {column} = ? WHERE {table.where()}"

    def change(box):
        with opening(box.path("v/vault.db")) as file:
            if file.execute(statement, [value, *table.key(row)]).rowcount != 1:
                raise Skipped("no such row")

    return made(table, name, f"{table.name}.{column}", change, column, row, value)


def made(table, name, group, change, column=None, row=None, value=None):
    """Returns a mutant with its right verdict, for a member with or without an anchor."""
    right = REFUSED
    if column and allowed.cell(table, column, row, value):
        right = ALLOWED
    elif allowed.is_index(table.name, column):
        right = SEARCH
    elif allowed.opens_itself(table.name, column, value):
        right = OPENING
    # With an anchor, it detects some of these changes; without one the file itself has to.
    anchored = table.name not in LEDGER_TABLES + ("tiles", "members", "slots", "epochs") or sum(map(ord, name)) % 4 == 0
    return Mutant(name, group, table.vault.name, change, right, anchored, user(table, row))


def user(table, row):
    """Returns the member who uses the vault afterwards: the owner of the slot or grant, if they may open secrets."""
    if row and table.name in ("slots", "grants", "members"):
        member = row["id" if table.name == "members" else "member"]
        with table.vault.open() as file:
            found = file.execute("SELECT name FROM members WHERE id = ?", (member,)).fetchone()
        if found and found[0] == "bo":
            return "bo"
    return "ana"


def statement(table, name, sql, values, group="rows"):
    """Returns a mutant that is a single SQL statement."""
    def change(box):
        with database(box.path("v/vault.db")) as file:
            if file.execute(sql, values).rowcount < 1:
                raise Skipped("no such row")
    return made(table, name, f"{table.name} {group}", change)


def of_row(table, name, at, row):
    """Yields the row deleted, duplicated under other keys, and replaced by rows of other files."""
    yield statement(table, f"{name}:delete", f"DELETE FROM {table.name} WHERE {table.where()}", table.key(row))
    marks = ", ".join("?" * len(table.columns))
    insert = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"
    for kind, key in (("doubled", 1), ("doubled-far", 1_000_003), ("doubled-negative", None)):
        copy = dict(row)
        for column in table.keys[-1:]:
            value = row[column]
            if isinstance(value, int):
                # After all others, far after, or negative.
                copy[column] = -7 if key is None else max(other[column] for other in table.rows) + key
            elif key is None:
                continue
            elif isinstance(value, bytes):
                copy[column] = values.flipped(value, len(value) - 1, key % 7) if value else b"\0"
            else:
                copy[column] = f"{value}{key}"
        if copy != row:
            for opening, suffix in (False, ""), (True, "-renamed"):
                changed = dict(copy)
                if opening:
                    for column in ("uid", "name", "name_key", "version"):
                        if column in changed and column not in table.keys:
                            old = changed[column]
                            changed[column] = (values.flipped(old, 15) if isinstance(old, bytes)
                                               else old + 50 if isinstance(old, int) else old + "x")
                    if changed == copy:
                        continue
                yield statement(table, f"{name}:{kind}{suffix}", insert, list(changed.values()))
    for source, rows in ("stale", table.stale), ("foreign", table.foreign):
        for number, other in enumerate(rows[:4]):
            if other not in table.rows and at < 4:
                yield statement(table, f"{name}:{source}-row-{number}", insert.replace("INSERT", "INSERT OR REPLACE"),
                                list(other.values()), "rows planted")
    for other in table.same(table.stale, row):
        if other != row:
            yield statement(table, f"{name}:put-back", insert.replace("INSERT", "INSERT OR REPLACE"),
                            list(other.values()), "rows stale")


def swaps(table, name, at, row):
    """Yields the content of this row and another one swapped, completely and by column."""
    contents = [column for column in table.columns if column not in table.keys]
    for step in 1, 2:
        if at + step >= len(table.rows) or not contents:
            continue
        other = table.rows[at + step]
        differing = [column for column in contents if other[column] != row[column]]
        for columns in [[column] for column in differing] + ([differing] if len(differing) > 1 else []):
            yield swap(table, f"{name}:swap-{step}-{'all' if len(columns) > 1 else columns[0]}", row, other, columns)


def swap(table, name, row, other, columns):
    def change(box):
        with database(box.path("v/vault.db")) as file:
            for one in row, other:
                # Avoids conflicts of unique names.
                for column in columns:
                    if isinstance(one[column], str):
                        file.execute(f"UPDATE {table.name} SET {column} = ? WHERE {table.where()}",
                                     [one[column] + "\x01", *table.key(one)])
            for one, two in (row, other), (other, row):
                for column in columns:
                    file.execute(f"UPDATE {table.name} SET {column} = ? WHERE {table.where()}",
                                 [two[column], *table.key(one)])
    right = all(allowed.opens_itself(table.name, column, row[column]) for column in columns)
    shown = all(allowed.cell(table, column, row, other[column])
                and allowed.cell(table, column, other, row[column]) for column in columns)
    # Swapping all columns but the row ID equals swapping the row IDs, which is allowed.
    is_number = table.name == "secrets" and len(columns) > 1
    index = all(allowed.is_index(table.name, column) for column in columns)
    one = made(table, name, f"{table.name} rows swapped", change, row=row)
    return one._replace(right=OPENING if right else SEARCH if index else ALLOWED if shown or is_number else REFUSED)
