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
    public let kind: OwnerKind
    public let id: Identifier
    public let connector: String
    public let name: String
    public let settings: Settings
    public let tags: [Tag]
    public let note: String
    public let secrets: [SecretInfo]
    /// The newest test of the current secrets, of a connection.
    public var test: TestRecord?

    /// A key to filter by, and its value.
    public struct Tag: Sendable, Equatable, Codable {
        public let key: String
        public let value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }
}

/// What is shown of a version of a secret: neither its value nor its length, nor anything derived from them.
public struct SecretInfo: Sendable, Equatable, Codable {
    public let field: String
    public let version: UInt64
    public let label: String
    public let epoch: UInt64
    public let setAt: String
    public let setBy: String
    public let expiresAt: String?
    /// Whether it is sealed to the deposit key, and no member who may open secrets has unlocked the vault since.
    public let isDeposit: Bool
    /// When the rotation period asks for the next version; of a previous version, when it is destroyed.
    public let rotateBy: String?
    public let keepUntil: String?
    /// The times of its last passed test and of its last use.
    public internal(set) var testedAt: String?
    public let usedAt: String?

    public var isCurrent: Bool { label == SecretLabel.current.rawValue }
}

/// An owner to be created: the settings as they were typed, and the secrets.
public struct OwnerDraft: Sendable, Codable {
    public var kind: OwnerKind
    public var connector: String
    public var name: String
    public var settings: [String: [String]]
    public var secrets: [String: SharedSecret]
    public var tags: [Owner.Tag]
    public var note: String
    /// The bundle that it was imported from, for its entry. Not encoded: a caller outside this process can't claim one.
    var origin: JSON?

    private enum CodingKeys: CodingKey {
        case kind, connector, name, settings, secrets, tags, note
    }

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
