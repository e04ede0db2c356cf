/// A reference to one secret, for the places that must keep secrets in arrays or dictionaries.
///
/// Whatever prints or reflects it sees that there is a secret, and nothing of it.
public final class SharedSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The memory, which the references that a message is decoded to share with the message.
    private let owner: Owner

    private final class Owner: Sendable {
        let bytes: SecretBytes

        init(_ bytes: consuming SecretBytes) { self.bytes = bytes }
    }

    /// The secret; wiped with the last reference.
    public var bytes: SecretBytes { _read { yield owner.bytes } }

    /// Takes the secret over.
    public init(_ bytes: consuming SecretBytes) { owner = Owner(bytes) }

    /// A second reference: a decoder makes each one anew.
    init(sharing other: SharedSecret) { owner = other.owner }

    public var description: String { "SharedSecret(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
