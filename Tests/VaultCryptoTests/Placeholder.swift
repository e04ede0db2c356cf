import Testing

@Suite struct VaultCryptoTestsPlaceholder {}
