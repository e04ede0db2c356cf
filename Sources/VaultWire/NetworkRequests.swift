public import VaultCore
public import VaultLedger
public import VaultMemory

// Requests that need the network, which only an agent has.

/// Sends a connection's test request. A failed test is an answer, not an error.
public struct TestConnection: Request {
    /// What the test found.
    public typealias Answer = TestOutcome
    /// The connection's name.
    public let name: String
    /// Which version of its secrets to use.
    public let label: SecretLabel

    /// Creates the request.
    public init(_ name: String, label: SecretLabel = .current) { (self.name, self.label) = (name, label) }
}

/// Tests a new connection, and stores it if the test passes.
public struct CreateTestedConnection: Request {
    /// What the test found.
    public typealias Answer = TestOutcome
    /// The connection to create.
    public let draft: OwnerDraft

    /// Creates the request.
    public init(_ draft: OwnerDraft) { self.draft = draft }
}

/// Sends an HTTP request to a connection's host.
///
/// The request's stream is the HTTP body, if there is one. The answer's stream starts with a `ResponseHeadChunk`; the
/// response body follows, with secrets masked.
public struct SendRequest: Request {
    /// The status of the response.
    public typealias Answer = RequestResult
    /// The connection's name.
    public let connection: String
    /// The HTTP method.
    public let method: String
    /// The path, with a query if there is one.
    public let path: String
    /// The header fields, each as `[name, value]`.
    public let headers: [[String]]
    /// Whether a body is streamed.
    public let hasBody: Bool
    /// The length of the body in bytes; nil if it is not known in advance.
    public let length: UInt64?

    /// Creates the request.
    public init(
        _ method: String, _ path: String, of connection: String, headers: [[String]], hasBody: Bool,
        length: UInt64?
    ) {
        (self.connection, self.method, self.path) = (connection, method, path)
        (self.headers, self.hasBody, self.length) = (headers, hasBody, length)
    }
}

/// How the host responded to a request.
public struct RequestResult: Codable, Sendable {
    /// The HTTP status code.
    public let status: Int
    /// The host that responded.
    public let host: String

    /// Creates a result.
    public init(status: Int, host: String) { (self.status, self.host) = (status, host) }
}

/// The first chunk of the stream that answers `SendRequest`: status line and header fields of the HTTP response.
public struct ResponseHeadChunk: Codable, Sendable {
    /// The HTTP status code.
    public let status: Int
    /// The reason phrase.
    public let reason: String
    /// The header fields in the order received, each as `[name, value]`.
    public let headers: [[String]]

    /// Creates a head.
    public init(status: Int, reason: String, headers: [[String]]) {
        (self.status, self.reason, self.headers) = (status, reason, headers)
    }

    /// Encodes the head as JSON.
    ///
    /// - Throws: `overloaded` if it does not fit in a frame.
    public func encoded() throws(VaultError) -> [UInt8] { try Frame(.chunk, self).header }

    /// Decodes a head.
    ///
    /// - Throws: `malformed`.
    public init(_ bytes: [UInt8]) throws(VaultError) { self = try Frame(.chunk, header: bytes).value() }
}

/// Returns an access token of a connection, from the cache or newly issued.
public struct GetAccessToken: Request {
    /// The connection's name.
    public let name: String
    /// Whether to return the token's value.
    public let wantsValue: Bool

    /// Creates the request.
    public init(_ name: String, wantsValue: Bool) { (self.name, self.wantsValue) = (name, wantsValue) }

    /// The token.
    public struct Answer: Codable, Sendable {
        /// The token's value; nil if it was not wanted.
        public let value: SharedSecret?
        /// The lifetime in seconds, counted from when the token was issued; nil if the provider does not say.
        public let expiresIn: Int?

        /// Creates an answer.
        public init(value: SharedSecret?, expiresIn: Int?) {
            (self.value, self.expiresIn) = (value, expiresIn)
        }
    }
}

/// `OpenVariables` for connections that use OAuth 2.0: includes access tokens, issued if necessary.
public struct OpenVariablesWithTokens: Request {
    /// The environment variables of the connections.
    public typealias Answer = [ChildVariable]
    /// The connections' names.
    public let names: [String]
    /// The names of the wanted variables; empty for all.
    public let only: [String]
    /// The program that receives the variables, for the ledger.
    public let program: String

    /// Creates the request.
    public init(of names: [String], only: Set<String>, program: String) {
        (self.names, self.only, self.program) = (names, only.sorted(), program)
    }
}

/// Starts a proxy. It stops unless `KeepProxyRunning` follows on the same connection.
public struct StartProxy: Request {
    /// The names of the connections to serve.
    public let names: [String]
    /// The loopback address to listen on.
    public let host: String
    /// The port to listen on; 0 for any free port.
    public let port: Int

    /// Creates the request.
    public init(_ names: [String], host: String, port: Int) {
        (self.names, self.host, self.port) = (names, host, port)
    }

    /// The running proxy.
    public struct Answer: Codable, Sendable {
        /// Identifies the proxy in `KeepProxyRunning`.
        public let number: UInt64
        /// The base URL.
        public let address: String
        /// The token with which clients authenticate to this proxy.
        public let token: SharedSecret
        /// The path of each connection, by name.
        public let paths: [String: String]
        /// The environment variables for a child process that uses the proxy.
        public let variables: [ChildVariable]

        /// Creates an answer.
        public init(
            number: UInt64, address: String, token: SharedSecret, paths: [String: String],
            variables: [ChildVariable]
        ) {
            (self.number, self.address, self.token) = (number, address, token)
            (self.paths, self.variables) = (paths, variables)
        }
    }
}

/// Keeps a proxy running until the request's stream ends or the client disconnects.
public struct KeepProxyRunning: Request {
    public typealias Answer = Done
    /// The proxy's number, from the answer to `StartProxy`.
    public let number: UInt64

    /// Creates the request.
    public init(_ number: UInt64) { self.number = number }
}
