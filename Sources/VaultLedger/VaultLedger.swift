// VaultLedger
