"""Changes of a vault file without the checks of SQLite."""

import contextlib
import os
import re
import sqlite3

STRICTNESS = [
    (re.compile(r"\) STRICT, WITHOUT ROWID$"), ") WITHOUT ROWID"), (re.compile(r"\) STRICT$"), ")"),
    (re.compile(r" NOT NULL"), ""), (re.compile(r" CHECK \((?:[^()]|\([^()]*\))*\)"), "")]


class Skipped(Exception):
    """SQLite refuses this change."""


@contextlib.contextmanager
def database(path):
    """Opens the file for changes that violate foreign keys and CHECK constraints."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
    except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
        raise Skipped(str(error)) from error
    finally:
        connection.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path + "-shm")


@contextlib.contextmanager
def loose(path, table):
    """Opens the file with a table that accepts any type, NULL, and values that violate checks; restores the schema afterwards."""
    with schema(path) as connection:
        row = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)).fetchone()
        version = connection.execute("PRAGMA schema_version").fetchone()[0]
        text = row[0]
        for pattern, other in STRICTNESS:
            text = pattern.sub(other, text)
        put(connection, table, text, version + 1)
    with database(path) as connection:
        yield connection
    with schema(path) as connection:
        put(connection, table, row[0], version)


@contextlib.contextmanager
def schema(path):
    """Opens the file for changes of its schema."""
    with database(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        yield connection


def put(connection, table, text, version):
    connection.execute("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", (text, table))
    connection.execute(f"PRAGMA schema_version = {version}")


def overwrite(path, offset, data):
    """Overwrites bytes of the file."""
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def truncate(path, size):
    with open(path, "r+b") as file:
        file.truncate(size)
