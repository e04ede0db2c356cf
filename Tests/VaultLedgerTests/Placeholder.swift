import Testing

@Suite struct VaultLedgerTestsPlaceholder {}
