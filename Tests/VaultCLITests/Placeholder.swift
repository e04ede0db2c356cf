import Testing

@Suite struct VaultCLITestsPlaceholder {}
