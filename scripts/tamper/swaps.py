"""Whole tables from an older copy or another vault, and rows under other IDs."""

from changes import Skipped, database
from mutant import ALLOWED

PAIRS = [("entries", "heads"), ("entries", "heads", "tiles"), ("owners", "secrets"), ("members", "slots", "grants"),
         ("owners", "tags", "secrets"), ("epochs", "grants"), ("epochs", "grants", "secrets"), ("secrets", "digest_lists"),
         ("members", "slots", "grants", "epochs"), ("owners", "tags", "secrets", "words", "tests")]


def stale_tables(vaults, tables, made):
    """Yields each table, and groups of related tables, replaced by those of another file."""
    groups = [(table,) for table in tables if not table.startswith("words")] + PAIRS
    for source in "older", "other", "solo":
        for group in groups:
            for anchored in True, False:
                yield made("tables replaced", f"{'+'.join(group)}-of-{source}{'' if anchored else '-unseen'}",
                           replaced(vaults["team"], vaults[source], group), anchored=anchored)
    for group in groups:
        yield made("tables replaced", f"{'+'.join(group)}-of-team", replaced(vaults["rotating"], vaults["team"], group),
                   vault="rotating")


def replaced(vault, source, tables):
    def change(path):
        if all(content(vault, table) == content(source, table) for table in tables):
            raise Skipped("no difference")
        with database(path) as file:
            file.execute("COMMIT")
            file.execute("ATTACH ? AS source", (f"{source.file}",))
            file.execute("BEGIN")
            for table in tables:
                names = "rowid, text" if table == "words" else ", ".join(columns(file, table))
                file.execute(f"DELETE FROM main.{table}")
                file.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM source.{table}")
    return change


def columns(file, table):
    return [row[0] for row in file.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()]


def content(vault, table):
    with vault.open() as file:
        return file.execute(f"SELECT * FROM {table}").fetchall()


def index_again(file, change):
    """Replaces every row of the search index."""
    rows = file.execute("SELECT rowid, text FROM words").fetchall()
    file.execute("DELETE FROM words")
    file.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", [change(*row) for row in rows])


def renumberings(made):
    """Yields rows under other IDs, with consistent references."""
    def owners(path):
        with database(path) as file:
            file.execute("UPDATE owners SET id = id + 1000, client = client + 1000")
            for table in "tags", "secrets", "tests":
                file.execute(f"UPDATE {table} SET owner = owner + 1000")
            index_again(file, lambda row, text: (row + 1000, text))

    def secrets(path):
        with database(path) as file:
            file.execute("UPDATE secrets SET id = id + 1000")
            file.execute("UPDATE secrets SET id = 2004 - id")

    def words(path):
        with database(path) as file:
            index_again(file, lambda row, text: (row, " ".join(reversed(text.split(" ")))))

    yield made("numbers allowed", "owners", owners, ALLOWED)
    yield made("numbers allowed", "secrets", secrets, ALLOWED)
    yield made("numbers allowed", "words-in-another-order", words, ALLOWED)
