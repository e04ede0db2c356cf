"""One mutant, and what is right for it."""

import collections

REFUSED = "refused"
"""`audit verify` refuses it."""
OPENING = "opening"
"""It proves itself by opening: `audit verify` need not see it, and what opens gives the true value."""
LEDGER = "ledger"
"""`audit verify` refuses the ledger itself, and not only rows that do not follow from it."""
SEARCH = "search"
"""`audit verify` refuses it, or a search finds what it should."""
VALID = "valid"
"""The ledger is valid by the format; rows that do not follow from it may be refused, and the ledger may not."""
ALLOWED = "allowed"
"""Nothing that the format protects was changed: it verifies, and every secret has its true value."""

Mutant = collections.namedtuple("Mutant", "name group vault change right anchored who verify",
                                defaults=(REFUSED, True, "ana", ("audit", "verify")))
"""
`name` repeats it, `group` counts it, `change` is called with the sandbox that has a copy of `vault`. `right` is one of the
above, `anchored` whether the user has seen the vault before, `who` the member who uses it, `verify` the command that checks
it.
"""
