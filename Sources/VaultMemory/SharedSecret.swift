/// A reference to one secret, for the places that must keep secrets in arrays or dictionaries.
///
/// Whatever prints or reflects it sees that there is a secret, and nothing of it.
public final class SharedSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret; wiped with the last reference.
    public let bytes: SecretBytes

    /// Takes the secret over.
    public init(_ bytes: consuming SecretBytes) { self.bytes = bytes }

    public var description: String { "SharedSecret(redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
