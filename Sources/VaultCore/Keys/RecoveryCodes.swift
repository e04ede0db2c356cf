import VaultCrypto
public import VaultMemory

/// Recovery codes as people handle them: made once, shown as text, read back.
public enum RecoveryCodes {
    public static func make() -> SharedSecret { SharedSecret(RecoveryCode.generate()) }

    /// The code in groups with a checksum.
    public static func text(of code: SharedSecret) -> SharedSecret {
        SharedSecret(RecoveryCode.text(of: code.bytes))
    }

    /// The code that a typed text stands for; groups, case and look-alike letters do not matter.
    public static func read(_ typed: SharedSecret) throws(VaultError) -> SharedSecret {
        do throws(RecoveryCodeError) {
            return SharedSecret(try RecoveryCode.parse(typed.bytes))
        } catch {
            throw .credentialMalformed(kind: SlotKind.recovery.rawValue, why: error.words)
        }
    }

    /// Whether a typed text is this code.
    public static func isSame(_ typed: borrowing SecretBytes, _ code: SharedSecret) -> Bool {
        guard let read = try? RecoveryCode.parse(typed) else { return false }
        return SecretBytes.equal(read, code.bytes)
    }

    /// Writes the text to a new file of this user alone.
    public static func write(_ text: SharedSecret, to path: String) throws(VaultError) {
        try unsafe text.bytes.withUnsafeBytes { bytes throws(VaultError) in
            try unsafe PrivateFile.create(path, with: bytes)
        }
    }
}

extension RecoveryCodeError {
    fileprivate var words: String {
        switch self {
        case .length: "it has too few or too many characters"
        case .symbol(let place): "its character \(place) is none that a code has"
        case .checksum: "its check characters do not fit: something was mistyped"
        }
    }
}
