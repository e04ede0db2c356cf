import VaultCrypto
import VaultStore
import VaultText

extension Vault {
    /// Quotes a path for a shell, for commands that are shown to be pasted.
    public static func quoted(_ path: String) -> String { ShellWord.quoted(path) }

    /// A short hash of a path, for the names of files that belong to the vault at that path.
    public static func word(forPath path: String) -> String {
        Hex.encode(Array(Digest.sha256(short: Array(path.utf8)).prefix(8)))
    }
}
