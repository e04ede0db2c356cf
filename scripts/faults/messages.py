"""Rules for all messages of the program: no raw errors, no secrets, and a next step for each error."""

import re

RAW = re.compile(
    r"\b(VaultError|StoreError|SQLiteError|OutputError|TerminalError|Contradiction|Tampering|LedgerError)\b"
    r"|\b[a-z]\w*\((path|why|detail|name|code|message|fix|mend|seen|seq|owner|size)\b:"
    r"|Optional\(|Fatal error|Swift\.|swift_|\.swift\b|Stack dump|Program crashed|Error Domain|unexpected failure"
    r"|disk I/O error|database or disk is full|unable to open database|database is locked|database disk image|unsupported file format"
    r"|constraint failed|SQL logic error|file is not a database|bad parameter or other API misuse")
NOTHING = re.compile(r"nothing (was|has been) (changed|done|written|imported|made|replaced|restored)|was not changed")
UNKNOWN = re.compile(r"not known|cannot be told|can't be told|can't tell|unknown whether|may or may not|might have been")
DONE = re.compile(r"changed in the vault is done|was made, but|is done|is in force|has begun and stopped")

EXITS = {0, 1, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 64, 125, 130}


def faults(result, secrets, shows=False):
    """Yields the violations in the messages of a run. `shows`: the command is expected to print secrets."""
    if result.code not in EXITS:
        yield "hangs" if result.code == -14 else f"exit {result.code}"
    if raw := RAW.search(result.err):
        yield f"raw message: {raw[0]!r}"
    said = result.err + ("" if shows else result.out)
    if any(secret in said for secret in secrets):
        yield "a secret in a message"
    lines = [line for line in result.err.splitlines() if line.startswith("vault: ")]
    for number, line in enumerate(lines):
        if line.startswith("vault: error:") and not "".join(lines[number + 1:number + 2]).startswith("vault: next:"):
            yield f"no next step: {line}"
    if result.code not in (0, 3) and result.code in EXITS and "vault: error:" not in result.err:
        yield f"no error message with exit {result.code}"
