// The folder's rule: connections and OAuth 2.0 clients are both *owners* of secrets, and are created, edited,
// annotated, removed and used by the same code; what differs between them is the form that checks their settings.

public import VaultLedger
public import VaultMemory
public import VaultRegistry
import VaultStore

/// The two kinds of owners.
public enum OwnerKind: String, Sendable, Codable {
    case connection, client
}

/// A connection or an OAuth 2.0 client, without anything that opens its secrets.
public struct Owner: Sendable, Equatable {
    public let kind: OwnerKind
    public let id: Identifier
    public let connector: String
    public let name: String
    public let settings: Settings
    public let tags: [Tag]
    public let note: String
    public let secrets: [SecretInfo]
    /// The newest test of the current secrets.
    public var test: TestRecord?

    /// A word to filter by, with its value.
    public struct Tag: Sendable, Equatable, Codable {
        public let key: String
        public let value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }
}

/// What may be told of a secret: everything but its value, its length, and what it equals.
public struct SecretInfo: Sendable, Equatable {
    public let field: String
    public let version: UInt64
    public let label: String
    public let epoch: UInt64
    public let setAt: String
    public let setBy: String
    public let expiresAt: String?
    /// Whether it still is as somebody deposited it who opens nothing.
    public let isDeposit: Bool
    /// When its period asks for the next version, and, of a previous one, when it is destroyed.
    public let rotateBy: String?
    public let keepUntil: String?
    /// When it last passed a test, and when it was last used.
    public internal(set) var testedAt: String?
    public let usedAt: String?

    public var isCurrent: Bool { label == SecretLabel.current.rawValue }
}

/// What somebody wants an owner to be: the settings as they were typed, and the secrets.
public struct OwnerDraft: Sendable, Codable {
    public var kind: OwnerKind
    public var connector: String
    public var name: String
    public var settings: [String: [String]]
    public var secrets: [String: SharedSecret]
    public var tags: [Owner.Tag]
    public var note: String
    /// Where it comes from, for its entry: what a bundle says of itself. Told by whoever reads the bundle, and by
    /// nobody who asks.
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
    /// As a person calls it.
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
