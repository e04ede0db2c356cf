import Testing

@Suite struct VaultStoreTestsPlaceholder {}
