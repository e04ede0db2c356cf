"""A minimal alternative: values sealed with AES-256-GCM, in SQLite.

    peer_script.py import FILE COUNT     one transaction; creates the file and its key
    peer_script.py rotate FILE           a new key; reseals every value in one transaction

It has no log, no members and no binding to settings: the least that any tool with secrets in SQLite does. Prints the seconds,
without the start of Python.
"""

import os
import sqlite3
import sys
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def connect(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


def seal(cipher, value):
    nonce = os.urandom(12)
    return nonce + cipher.encrypt(nonce, value, None)


def import_values(path, count):
    key = AESGCM.generate_key(256)
    with open(path + ".key", "wb") as file:
        file.write(key)
    cipher = AESGCM(key)
    database = connect(path)
    database.execute("CREATE TABLE secrets (name TEXT PRIMARY KEY, set_at REAL, version INTEGER, sealed BLOB)")
    rows = ((f"Celonis {i:07}", time.time(), 1, seal(cipher, b"%064d" % i)) for i in range(count))
    began = time.perf_counter()
    database.execute("BEGIN")
    database.executemany("INSERT INTO secrets VALUES (?, ?, ?, ?)", rows)
    database.execute("COMMIT")
    return time.perf_counter() - began


def rotate(path):
    with open(path + ".key", "rb") as file:
        old = AESGCM(file.read())
    key = AESGCM.generate_key(256)
    new = AESGCM(key)
    database = connect(path)
    began = time.perf_counter()
    database.execute("BEGIN")
    rows = database.execute("SELECT rowid, sealed FROM secrets").fetchall()
    database.executemany(
        "UPDATE secrets SET sealed = ?, version = version + 1 WHERE rowid = ?",
        ((seal(new, old.decrypt(sealed[:12], sealed[12:], None)), row) for row, sealed in rows),
    )
    database.execute("COMMIT")
    taken = time.perf_counter() - began
    with open(path + ".key", "wb") as file:
        file.write(key)
    return taken


if __name__ == "__main__":
    if sys.argv[1] == "import":
        print(import_values(sys.argv[2], int(sys.argv[3])))
    else:
        print(rotate(sys.argv[2]))
