import Testing

@Suite struct VaultRegistryTestsPlaceholder {}
