// VaultRegistry
