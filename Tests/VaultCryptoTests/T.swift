import Testing

@Suite struct VaultCryptoTests {}
