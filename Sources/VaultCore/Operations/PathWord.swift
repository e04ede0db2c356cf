import VaultCrypto

extension Vault {
    /// A short word for a path, for names of files that belong to the vault there.
    public static func word(forPath path: String) -> String {
        Hex.encode(Array(Digest.sha256(short: Array(path.utf8)).prefix(8)))
    }
}
