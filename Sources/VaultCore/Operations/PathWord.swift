import VaultCrypto
import VaultStore

extension Vault {
    /// A path as a shell reads it back, for a command that is shown to be pasted.
    public static func quoted(_ path: String) -> String { ShellWord.quoted(path) }

    /// A short word for a path, for names of files that belong to the vault there.
    public static func word(forPath path: String) -> String {
        Hex.encode(Array(Digest.sha256(short: Array(path.utf8)).prefix(8)))
    }
}
