import VaultCrypto
public import VaultMemory

/// Generates, formats and parses recovery codes.
public enum RecoveryCodes {
    /// Generates a random code.
    public static func make() -> SharedSecret { SharedSecret(RecoveryCode.generate()) }

    /// The text of a code: groups of characters, with a checksum.
    public static func text(of code: SharedSecret) -> SharedSecret {
        SharedSecret(RecoveryCode.text(of: code.bytes))
    }

    /// Parses a typed code; groups, case and look-alike letters do not matter.
    ///
    /// - Throws: `credentialMalformed`.
    public static func read(_ typed: SharedSecret) throws(VaultError) -> SharedSecret {
        do { return SharedSecret(try RecoveryCode.parse(typed.bytes)) } catch {
            throw .unlock(.credentialMalformed(kind: SlotKind.recovery.rawValue, why: error.reason))
        }
    }

    /// Whether a typed text is this code.
    public static func isSame(_ typed: borrowing SecretBytes, _ code: SharedSecret) -> Bool {
        guard let read = try? RecoveryCode.parse(typed) else { return false }
        return SecretBytes.equal(read, code.bytes)
    }

    /// Writes the text of a code to a new file with mode 0600.
    ///
    /// - Throws: `fileExists`, or `io`, `full`, `readOnly` if it can't be written.
    public static func write(_ text: SharedSecret, to path: String) throws(VaultError) {
        _ = try unsafe text.bytes.withUnsafeBytes { bytes throws(VaultError) in
            try unsafe PrivateFile.create(path, with: bytes)
        }
    }
}

extension RecoveryCodeError {
    fileprivate var reason: String {
        switch self {
        case .length: "it has too few or too many characters"
        case .symbol(let place): "character \(place) is not allowed"
        case .checksum: "its check characters do not match; look for a typo"
        }
    }
}
