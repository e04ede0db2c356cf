/// A reference to one secret, for arrays, dictionaries and `Codable` values, which cannot hold `SecretBytes`.
///
/// Descriptions and mirrors never show the bytes.
public final class SharedSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Shared by the references that are decoded from one message.
    private let owner: Owner

    private final class Owner: Sendable {
        let bytes: SecretBytes

        init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
    }

    /// The secret, which is wiped with the last reference.
    public var bytes: SecretBytes { _read { yield owner.bytes } }

    /// Takes ownership of the secret.
    public init(_ bytes: consuming SecretBytes) { owner = Owner(bytes) }

    /// Makes a second reference to the same secret.
    init(sharing other: SharedSecret) { owner = other.owner }

    /// A fixed text that reveals nothing.
    public var description: String { "SharedSecret(redacted)" }
    /// A fixed text that reveals nothing.
    public var debugDescription: String { description }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
