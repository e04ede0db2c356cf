// Connections and OAuth 2.0 clients are both *owners* of secrets. The same code creates, edits, annotates, removes and uses
// them; only the form that validates their settings differs.

public import VaultLedger
public import VaultRegistry
import VaultStore

/// The two kinds of owners.
public enum OwnerKind: String, Sendable, Codable {
    case connection, client
}

/// A connection or an OAuth 2.0 client: everything about it but the values of its secrets.
public struct Owner: Sendable, Equatable, Codable {
    /// Whether it is a connection or a client.
    public let kind: OwnerKind
    /// The permanent ID.
    public let id: Identifier
    /// The name of its connector.
    public let connector: String
    /// The name, which is unique among owners of its kind.
    public let name: String
    /// The normalized settings; empty if the row was altered and they are malformed.
    public let settings: Settings
    /// The tags.
    public let tags: [Tag]
    /// The note; empty if there is none.
    public let note: String
    /// Every stored version of its secrets, by field and version.
    public let secrets: [SecretInfo]
    /// The newest test of the current secrets, of a connection.
    public var test: TestRecord?

    /// A key to filter by, and its value.
    public struct Tag: Sendable, Equatable, Codable {
        /// The key of the tag.
        public let key: String
        /// The value of the tag.
        public let value: String

        /// Creates a tag.
        public init(key: String, value: String) { (self.key, self.value) = (key, value) }
    }
}

/// What is shown of a version of a secret: neither its value nor its length, nor anything derived from them.
public struct SecretInfo: Sendable, Equatable, Codable {
    /// The key of the field.
    public let field: String
    /// The number of the version, from 1.
    public let version: UInt64
    /// The raw value of its `SecretLabel`.
    public let label: String
    /// The epoch of the master key that it is sealed under.
    public let epoch: UInt64
    /// When it was set, RFC 3339. All times of a secret have this format.
    public let setAt: String
    /// The name of the member who set it.
    public let setBy: String
    /// When it expires at the provider; nil if no expiry is known.
    public let expiresAt: String?
    /// Whether it is sealed to the deposit key, and no member who may open secrets has unlocked the vault since.
    public let isDeposit: Bool
    /// When the rotation period asks for the next version; nil for never.
    public let rotateBy: String?
    /// When a previous version is destroyed; nil for other versions.
    public let keepUntil: String?
    /// When it last passed a test; nil if it has not.
    public internal(set) var testedAt: String?
    /// When it was last used; nil if never.
    public let usedAt: String?

    /// Whether this is the current version.
    public var isCurrent: Bool { label == SecretLabel.current.rawValue }
}

extension OwnerKind {
    /// The name of the kind in messages.
    public var noun: String { self == .connection ? "connection" : "OAuth 2.0 client" }

    var objectKind: Entry.Object.Kind { self == .connection ? .connection : .client }

    var creation: Action { self == .connection ? .createConnection : .createClient }
    var edit: Action { self == .connection ? .editConnection : .editClient }
    var removal: Action { self == .connection ? .removeConnection : .removeClient }
}

extension OwnerRow {
    var ownerKind: OwnerKind { OwnerKind(rawValue: kind) ?? .connection }
    var identifier: Identifier { Identifier(bytes: uid)! }
    var key: IdentifierKey { IdentifierKey(bytes: uid)! }
    var object: Entry.Object { Entry.Object(ownerKind.objectKind, id: identifier, name: name) }
}
