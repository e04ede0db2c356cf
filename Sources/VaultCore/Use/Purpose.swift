// The rule of this folder: a secret leaves VaultCore only for a recorded use that the member's role and the connection's
// policy allow, for a host that the connector allows, and only as the authorization for that host.

import VaultLedger
public import VaultRegistry

/// The uses of a connection that a policy can allow; the raw values are those of `--allow`.
///
/// A test is not among them: everyone who may use a connection may test it.
public enum Use: String, Sendable, CaseIterable, Codable {
    case exec, proxy, request, token
}

/// What a connection is opened for.
public enum Purpose: Sendable, Equatable {
    case test
    /// Requesting the token for a child process.
    case child
    /// One request; `headers` are the names of the caller's headers.
    case request(method: String, path: RequestPath, headers: [String])
    /// The proxy's requests of the next minute; the tally is of those since the last entry.
    case proxy(Tally)
    /// Printing a token.
    case token

    /// The number of requests that a proxy handled for a connection.
    public struct Tally: Sendable, Equatable {
        /// The requests that were sent.
        public var requests = 0
        /// Those among them with a status of 400 or more, or no response.
        public var failed = 0
        /// The requests that were refused before they were sent.
        public var refused = 0

        /// Creates an empty tally.
        public init() {}
        /// Whether there was no request.
        public var isEmpty: Bool { requests == 0 && refused == 0 }

        var details: JSON.Members {
            [
                "failed": .integer(Int64(failed)), "refused": .integer(Int64(refused)),
                "requests": .integer(Int64(requests)),
            ]
        }
    }

    var use: Use? {
        switch self {
        case .test: nil
        case .child: .exec
        case .request: .request
        case .proxy: .proxy
        case .token: .token
        }
    }

    var action: Action {
        switch self {
        case .test: .testConnection
        case .child: .execConnection
        case .request: .requestConnection
        case .proxy: .proxyConnection
        case .token: .tokenOfConnection
        }
    }

    /// The details of the entry. A query may hold anything, and is left out.
    var details: JSON.Members {
        switch self {
        case .test, .child, .token: [:]
        case .request(let method, let path, _): ["method": .string(method), "path": .string(path.path)]
        case .proxy(let tally): tally.details
        }
    }
}
