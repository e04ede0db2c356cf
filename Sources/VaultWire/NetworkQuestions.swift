public import VaultCore
public import VaultLedger
public import VaultMemory

// What takes a network, and so is asked of an agent in any case.

/// Sends a connection's test request. A test that fails is an answer.
public struct TestConnection: Question {
    public typealias Answer = TestOutcome
    public let name: String
    public let label: SecretLabel

    public init(_ name: String, label: SecretLabel = .current) { (self.name, self.label) = (name, label) }
}

/// Tests a connection with what is given for it, and stores it if that works.
public struct CreateTested: Question {
    public typealias Answer = TestOutcome
    public let draft: OwnerDraft

    public init(_ draft: OwnerDraft) { self.draft = draft }
}

/// Sends a request to a connection's own host.
///
/// The question's stream is the body, where there is one. The answer's stream is a `RequestHead` as its first piece,
/// and the body behind it, with every secret masked.
public struct SendRequest: Question {
    public typealias Answer = RequestStatus
    public let connection: String
    public let method: String
    /// With its query.
    public let path: String
    /// `[name, value]` each.
    public let headers: [[String]]
    public let hasBody: Bool
    /// In bytes; nil where it is not known before.
    public let length: UInt64?

    public init(
        _ method: String, _ path: String, of connection: String, headers: [[String]], hasBody: Bool,
        length: UInt64?
    ) {
        (self.connection, self.method, self.path) = (connection, method, path)
        (self.headers, self.hasBody, self.length) = (headers, hasBody, length)
    }
}

/// How a request was answered in the end.
public struct RequestStatus: Codable, Sendable {
    public let status: Int
    public let host: String

    public init(status: Int, host: String) { (self.status, self.host) = (status, host) }
}

/// The beginning of an answer, as the first piece of its stream.
public struct RequestHead: Sendable {
    public let status: Int
    public let reason: String
    /// `[name, value]` each, in their order.
    public let headers: [[String]]

    public init(status: Int, reason: String, headers: [[String]]) {
        (self.status, self.reason, self.headers) = (status, reason, headers)
    }

    public var bytes: [UInt8] {
        let json: JSON = [
            "headers": .array(headers.map { .array($0.map { .string($0) }) }), "reason": .string(reason),
            "status": .integer(Int64(status)),
        ]
        return json.bytes
    }

    public init(_ bytes: [UInt8]) throws(AgentFault) {
        guard let json = try? JSON.parse(bytes), let status = json["status"]?.integer,
            let reason = json["reason"]?.string, let headers = json["headers"]?.array
        else { throw .malformed }
        self.init(
            status: Int(status), reason: reason,
            headers: headers.map { ($0.array ?? []).compactMap(\.string) })
    }
}

/// Mints an access token, or gives the one that is kept.
public struct TakeToken: Question {
    public let name: String
    /// Whether the value is wanted, too.
    public let wantsValue: Bool

    public init(_ name: String, wantsValue: Bool) { (self.name, self.wantsValue) = (name, wantsValue) }

    public struct Answer: Codable, Sendable {
        public let value: SharedSecret?
        /// How long it lives, in seconds, as the other side said when it was minted.
        public let expiresIn: Int?

        public init(value: SharedSecret?, expiresIn: Int?) {
            (self.value, self.expiresIn) = (value, expiresIn)
        }
    }
}

/// `OpenVariables` of connections that sign in by OAuth 2.0: their tokens are minted.
public struct OpenMintedVariables: Question {
    public typealias Answer = [ChildVariable]
    public let names: [String]
    public let only: [String]
    public let program: String

    public init(of names: [String], only: Set<String>, program: String) {
        (self.names, self.only, self.program) = (names, only.sorted(), program)
    }
}

/// Starts a proxy, which ends unless `HoldProxy` is asked on the same connection.
public struct StartProxy: Question {
    public let names: [String]
    public let host: String
    public let port: Int

    public init(_ names: [String], host: String, port: Int) {
        (self.names, self.host, self.port) = (names, host, port)
    }

    public struct Answer: Codable, Sendable {
        public let number: UInt64
        public let address: String
        /// What a client of this run proves itself with.
        public let token: SharedSecret
        /// The path of each connection.
        public let paths: [String: String]
        /// For a child process.
        public let variables: [ChildVariable]

        public init(
            number: UInt64, address: String, token: SharedSecret, paths: [String: String],
            variables: [ChildVariable]
        ) {
            (self.number, self.address, self.token) = (number, address, token)
            (self.paths, self.variables) = (paths, variables)
        }
    }
}

/// Keeps a proxy until the question's stream ends, or whoever asks has gone.
public struct HoldProxy: Question {
    public typealias Answer = Done
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }
}
