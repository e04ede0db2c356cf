public import VaultMemory

public func secret(_ text: String) -> SharedSecret { secret(Array(text.utf8)) }

public func secret(_ bytes: [UInt8]) -> SharedSecret { SharedSecret(SecretBytes(copying: bytes)) }

public func secretBytes(_ text: String) -> SecretBytes { secretBytes(Array(text.utf8)) }

public func secretBytes(_ bytes: [UInt8]) -> SecretBytes { SecretBytes(copying: bytes) }

/// The plaintext of a secret.
public func bytes(_ secret: borrowing SecretBytes) -> [UInt8] {
    unsafe secret.withUnsafeBytes { unsafe [UInt8]($0) }
}

/// The plaintext of a secret as text.
public func text(_ secret: borrowing SecretBytes) -> String { String(decoding: bytes(secret), as: UTF8.self) }

/// The plaintext of a secret as text.
public func text(_ secret: SharedSecret) -> String { text(secret.bytes) }
