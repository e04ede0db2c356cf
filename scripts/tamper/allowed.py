"""The only list of changes that the format does not protect, each with the sentence of docs/format.md that says so."""

BOUNDS = {"memory": (67_108_864, 1_073_741_824), "passes": (3, 10)}
SEALS = {"slots": 145, "grants": 80, "epochs": 145}

SENTENCES = {
    "secrets.tested_at": "`tested_at`, where it is not NULL, is the state's, or the time of the entry that `tests` names",
    "secrets.used_at": "`used_at`, where it is not NULL, is the time of a use of this owner",
    "secrets.id": "`secrets` | `id`, `owner` | number of the row; the owner's row",
    "slots.sealed": "The two kinds are the sealed bytes of slots, grants",
    "slots.salt": "parameters of slots (`salt`, `memory`, `passes`), which the slot's seal is bound to",
    "heads": "Lines of other names and keys are ignored.",
    "words_data": "runs FTS5's `integrity-check` on a copy of the four tables",
    "words": "the words between spaces are the same, each as often",
    "pages": "the number of pages (28) may be 0",
    "header": "The change counter (24), the schema cookie (40), and bytes 92 to 99 may have any",
    "anchor": "Without an anchor, the whole ledger is verified, and the program says so.",
    "seen": "when this user last saw the ledger grow",
    "verified": "of that file continues from it",
}
"""The allowed changes, and the sentences of the document. `main.py` refuses to run if one is missing."""


def missing(document):
    """Returns the sentences that the document does not contain, ignoring line breaks."""
    text = " ".join(document.split())
    return [sentence for sentence in SENTENCES.values() if " ".join(sentence.split()) not in text]


def cell(table, column, row, value):
    """Whether this value in this column changes nothing that the format protects. `table` is a `cells.Table`."""
    if table.name == "secrets":
        # A row's number; no other table names it.
        if column == "id":
            return isinstance(value, int)
        if column == "used_at" and value is not None:
            return value in table.uses.get(row["owner"], ())
        return column in ("tested_at", "used_at") and value is None
    if (table.name, column) == ("words_content", "c0"):
        return isinstance(value, str) and sorted(value.split()) == sorted(row[column].split()) and value.isprintable()
    return False


def is_index(table, column):
    """Whether the check of FTS5 decides: a change that it accepts must not affect a search either."""
    return table in ("words_data", "words_idx") and column not in ("id", "segid")


def opens_itself(table, column, value):
    """Whether only opening the seal can detect this, so that `audit verify` without a key cannot."""
    if table in SEALS and column in ("sealed", "sealed_previous"):
        return isinstance(value, bytes) and len(value) == SEALS[table]
    if table == "slots" and column == "salt":
        return isinstance(value, bytes) and len(value) == 16
    if table == "slots" and column in BOUNDS and isinstance(value, int):
        return BOUNDS[column][0] <= value <= BOUNDS[column][1]
    return False
