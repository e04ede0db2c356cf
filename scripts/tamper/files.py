"""Mutants of the file itself: schema, header, pages, size, whole content, and mode."""

import os
import shutil
import sqlite3
import stat

import values
from changes import database, overwrite, put, schema, truncate
from mutant import ALLOWED, OPENING, REFUSED, Mutant
from swaps import renumberings, stale_tables

ADDED = {
    "trigger-entries": "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM heads; END",
    "trigger-secrets": "CREATE TRIGGER t BEFORE UPDATE ON secrets BEGIN SELECT 1; END",
    "trigger-empty": "CREATE TRIGGER t INSERT ON tags BEGIN SELECT 1; END",
    "view": "CREATE VIEW v AS SELECT * FROM secrets",
    "table": "CREATE TABLE extra (a)",
    "table-like": "CREATE TABLE words_extra (a)",
    "table-virtual": "CREATE VIRTUAL TABLE more USING fts5 (text)",
    "index": "CREATE INDEX extra ON secrets (field)",
    "index-expression": "CREATE INDEX extra ON secrets (upper(field))",
    "statistics": "ANALYZE",
    "column": "ALTER TABLE tags ADD COLUMN extra TEXT",
    "column-generated": "ALTER TABLE owners ADD COLUMN extra TEXT GENERATED ALWAYS AS (name) VIRTUAL",
    "renamed-column": "ALTER TABLE owners RENAME COLUMN note TO notes",
    "renamed-table": "ALTER TABLE tags RENAME TO labels",
    "autoincrement": "CREATE TABLE extra (a INTEGER PRIMARY KEY AUTOINCREMENT)",
}

HEADER = {
    "magic": (0, 16), "page-size": (16, 2), "write-version": (18, 1), "read-version": (19, 1), "reserved": (20, 1),
    "fractions": (21, 3), "pages": (28, 4), "free-page": (32, 4), "free-pages": (36, 4), "format": (44, 4),
    "cache": (48, 4), "root-of-vacuum": (52, 4), "encoding": (56, 4), "user-version": (60, 4), "vacuum": (64, 4),
    "application": (68, 4), "zero-first": (72, 1), "zero-last": (91, 1),
}
"""Header fields with a single valid value: offset and length (sqlite.org/fileformat.html)."""
FREE_HEADER = {"changes": (24, 4), "cookie": (40, 4), "valid-for": (92, 4), "sqlite": (96, 4)}
TABLES = ["entries", "heads", "tiles", "digest_lists", "members", "slots", "epochs", "grants", "connectors", "owners",
          "tags", "words", "tests", "secrets", "words_content", "words_data", "words_idx", "words_config"]


def made(kind, name, change, right=REFUSED, vault="team", anchored=True):
    return Mutant(f"{vault}/{kind}:{name}", kind, vault, lambda box: change(box.path("v/vault.db")), right, anchored)


def mutants(vaults):
    for source in structures, headers, pages, sizes, modes:
        yield from source(vaults["team"])
    yield from whole(vaults)
    yield from beside(vaults)
    yield from stale_tables(vaults, TABLES, made)
    yield from renumberings(made)


def sql(*statements):
    def change(path):
        with database(path) as file:
            for statement in statements:
                file.execute(statement)
    return change


def structures(vault):
    """Yields additions to the schema, drops, and other texts of its statements."""
    for name, statement in ADDED.items():
        yield made("schema", name, sql(statement))
    with vault.open() as file:
        objects = file.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    for kind, name, text in objects:
        if name not in ("words_config", "words_content", "words_data", "words_idx"):
            yield made("schema", f"drop-{name}", sql(f"DROP {kind} {name}"))
        if kind == "table" and "words" not in name:
            for what, other in (("space", text + " "), ("comment", text.replace("(", "(/* */", 1)),
                                ("lax", text.replace(" STRICT", "").replace(",  WITHOUT", " WITHOUT")),
                                ("nullable", text.replace(" NOT NULL", "", 1)), ("small", text.lower())):
                if other != text and not (what == "lax" and "ROWID" in text):
                    yield made("schema", f"{what}-{name}", rewritten(name, other))
    for table in TABLES:
        if table not in ("words_config", "words"):
            yield made("table emptied", table, sql(f"DELETE FROM {table}"))
            yield made("table emptied", f"{table}-unseen", sql(f"DELETE FROM {table}"), anchored=False)


def rewritten(name, text):
    def change(path):
        with schema(path) as file:
            put(file, name, text, file.execute("PRAGMA schema_version").fetchone()[0] + 1)
    return change


def headers(vault):
    for name, (offset, length) in HEADER.items():
        with open(vault.file, "rb") as file:
            file.seek(offset)
            old = file.read(length)
        for kind, data in (("flip-low", values.flipped(old, length - 1)), ("flip-high", values.flipped(old, 0, 7)),
                           ("ones", b"\xff" * length), ("zero", bytes(length)), ("one", bytes(length - 1) + b"\1")):
            if data != old:
                # With 0 pages, SQLite uses the size of the file.
                right = ALLOWED if name == "pages" and not any(data) else REFUSED
                yield made("header", f"{name}-{kind}", written(offset, data), right)
    for name, (offset, length) in FREE_HEADER.items():
        for kind, data in ("ones", b"\xff" * length), ("some", b"\x12\x34\x56\x78"[:length]):
            # With another change counter, the number at 92 is invalid, and SQLite uses the size of the file.
            yield made("header allowed", f"{name}-{kind}", written(offset, data), ALLOWED)


def written(offset, data):
    return lambda path: overwrite(path, offset, data)


def pages(vault):
    """Yields each page overwritten, replaced by the next one, and with a flipped bit."""
    size, count = 4096, os.path.getsize(vault.file) // 4096
    with open(vault.file, "rb") as file:
        content = [file.read(size) for _ in range(count)]
    for at, page in enumerate(content):
        for kind, data in ("zero", bytes(size)), ("ones", b"\xff" * size), ("next", content[(at + 1) % count]):
            if data != page:
                yield made("pages", f"{at}-{kind}", written(at * size, data))
        start = 100 if at == 0 else 0
        for offset in start, start + 1, start + 3, start + 5, start + 8:
            yield made("pages", f"{at}-flip-{offset}", written(at * size + offset, values.flipped(page[offset:offset + 1], 0)))


def sizes(vault):
    size = os.path.getsize(vault.file)
    for length in sorted({0, 1, 15, 16, 99, 100, 512, 4095, 4096, 4097, 8192, size // 2, size // 4096 // 2 * 4096,
                          size - 4096, size - 4095, size - 1}):
        yield made("size", f"cut-to-{length}", lambda path, length=length: truncate(path, length))
        yield made("size", f"cut-to-{length}-unseen", lambda path, length=length: truncate(path, length), anchored=False)


def modes(vault):
    for mode in 0o644, 0o660, 0o604, 0o666, 0o620, 0o777, 0o640:
        yield made("modes", f"file-{mode:o}", lambda path, mode=mode: os.chmod(path, mode))
    for mode in 0o777, 0o770, 0o707, 0o722:
        yield made("modes", f"folder-{mode:o}", lambda path, mode=mode: os.chmod(os.path.dirname(path), mode))
    for kind, change in (("link", link), ("pipe", pipe), ("folder", folder)):
        yield made("modes", f"file-is-a-{kind}", change)


def link(path):
    os.rename(path, path + ".real")
    os.symlink(path + ".real", path)


def pipe(path):
    os.unlink(path)
    os.mkfifo(path, 0o600)


def folder(path):
    os.unlink(path)
    os.mkdir(path, 0o700)


def beside(vaults):
    """Yields foreign files in place of the log, index and journal. No secret may open wrongly because of them."""
    with open(vaults["other"].file, "rb") as file:
        page = file.read(4096)
    big = lambda value: value.to_bytes(4, "big")
    head = big(0x377F0682) + big(3_007_000) + big(4096) + bytes(20)
    journal = bytes.fromhex("d9d505f920a163d7") + big(1) + bytes(4) + big(1) + big(512) + big(4096)
    contents = {
        "empty": b"", "byte": b"x", "garbage": b"\xa5" * 20_000, "text": b"not a log\n", "log-header": head,
        "log-page-unsigned": head + big(1) + big(1) + bytes(16) + page,
        "journal-header": journal,
        "journal-page": journal.ljust(512, b"\0") + big(1) + page + bytes(4)}
    for suffix in "-wal", "-shm", "-journal":
        for name, data in contents.items():
            yield made("beside", f"{suffix[1:]}-{name}", put_beside(suffix, data), OPENING)
        yield made("beside", f"{suffix[1:]}-is-a-pipe", lambda path, suffix=suffix: os.mkfifo(path + suffix, 0o600), OPENING)
        yield made("beside", f"{suffix[1:]}-is-a-link",
                   lambda path, suffix=suffix: os.symlink("../ana.key", path + suffix), OPENING)
        yield made("beside", f"{suffix[1:]}-is-a-folder", lambda path, suffix=suffix: os.mkdir(path + suffix, 0o700), OPENING)


def put_beside(suffix, data):
    def change(path):
        with open(os.open(path + suffix, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    return change


def whole(vaults):
    """Yields other vaults in place of the file, and statements that rewrite it without a change."""
    def copied(source):
        def change(path):
            shutil.copyfile(source, path)
        return change

    yield made("file", "older", copied(vaults["older"].file))
    yield made("file", "of-a-rotation", copied(vaults["older"].file), vault="rotating")
    yield made("file", "older-than-rotation", copied(vaults["team"].file), vault="rotating")
    # Another vault is valid by itself, but no secret may open to a wrong value.
    yield made("file", "foreign", copied(vaults["other"].file), OPENING)
    for name, statements in {"vacuum": ["VACUUM"], "pages-of-8192": [
                                 "PRAGMA journal_mode = DELETE", "PRAGMA page_size = 8192", "VACUUM",
                                 "PRAGMA journal_mode = WAL"],
                             "no-log": ["PRAGMA journal_mode = DELETE"], "reindexed": ["REINDEX"],
                             "words-optimized": ["INSERT INTO words (words) VALUES ('optimize')"],
                             "words-rebuilt": ["INSERT INTO words (words) VALUES ('rebuild')"]}.items():
        yield made("file allowed", name, plain(statements), ALLOWED)
    for name, statements in {"vacuum-auto": ["PRAGMA auto_vacuum = FULL", "VACUUM"],
                             "version-7": ["PRAGMA user_version = 7"], "version-huge": ["PRAGMA user_version = 2147483647"],
                             "version-negative": ["PRAGMA user_version = -1"], "version-0": ["PRAGMA user_version = 0"],
                             "version-5": ["PRAGMA user_version = 5"], "version-1": ["PRAGMA user_version = 1"],
                             "application": ["PRAGMA application_id = 1"]}.items():
        yield made("file", name, plain(statements))


def plain(statements):
    """Returns a function that runs statements outside a transaction."""
    def change(path):
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            connection.execute(statement).fetchall()
        connection.close()
        os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
    return change
