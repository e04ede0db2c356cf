"""A mutant, and its right verdict."""

import collections

REFUSED = "refused"
"""`audit verify` refuses it."""
OPENING = "opening"
"""Only opening detects it: `audit verify` may accept it, but a secret that opens has its true value."""
LEDGER = "ledger"
"""`audit verify` refuses the ledger itself, and not only rows that contradict it."""
SEARCH = "search"
"""`audit verify` refuses it, or a search has correct results."""
VALID = "valid"
"""The ledger is valid: `audit verify` may refuse rows that contradict it, but not the ledger."""
ALLOWED = "allowed"
"""Nothing protected was changed: it verifies, and every secret has its true value."""

Mutant = collections.namedtuple("Mutant", "name group vault change right anchored who verify",
                                defaults=(REFUSED, True, "ana", ("audit", "verify")))
"""
`name` identifies it on the command line, `group` in the summary. `change` is called with a sandbox that has a copy of `vault`.
`right` is one of the above, `anchored` whether the user has an anchor of the vault, `who` the member who uses it, `verify` the
command that verifies it.
"""
