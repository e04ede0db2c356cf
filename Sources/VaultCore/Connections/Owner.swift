// Connections and OAuth 2.0 clients are both *owners* of secrets. The same code creates, edits, annotates, removes and uses
// them; only the form that validates their settings differs.

public import VaultLedger
public import VaultMemory
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
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
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

/// An owner to be created: the settings as they were typed, and the secrets.
public struct OwnerDraft: Sendable, Codable {
    /// Whether it is a connection or a client.
    public var kind: OwnerKind
    /// The name of its connector.
    public var connector: String
    /// The name as typed.
    public var name: String
    /// The values of each setting as typed, by key.
    public var settings: [String: [String]]
    /// The secrets, by field.
    public var secrets: [String: SharedSecret]
    /// The tags.
    public var tags: [Owner.Tag]
    /// The note; empty for none.
    public var note: String
    /// The bundle that it was imported from, for its entry. Not encoded: a caller outside this process can't claim one.
    var origin: JSON?

    private enum CodingKeys: CodingKey {
        case kind, connector, name, settings, secrets, tags, note
    }

    /// Creates a draft.
    public init(
        _ kind: OwnerKind, connector: String, name: String, settings: [String: [String]],
        secrets: [String: SharedSecret] = [:], tags: [Owner.Tag] = [], note: String = ""
    ) {
        self.kind = kind
        self.connector = connector
        self.name = name
        self.settings = settings
        self.secrets = secrets
        self.tags = tags
        self.note = note
    }
}

extension OwnerKind {
    /// The name of the kind in messages.
    public var noun: String {
        switch self {
        case .connection: "connection"
        case .client: "OAuth 2.0 client"
        }
    }

    var objectKind: Entry.Object.Kind {
        switch self {
        case .connection: .connection
        case .client: .client
        }
    }

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
