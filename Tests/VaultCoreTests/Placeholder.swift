import Testing

@Suite struct VaultCoreTestsPlaceholder {}
