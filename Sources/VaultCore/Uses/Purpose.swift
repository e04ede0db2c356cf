// The folder's rule: a secret leaves this room for a use that has been recorded, by a member whose role allows it, of
// a connection whose policy allows it, towards the host that its connector allows; and what leaves is the proof for
// that host, never a secret by itself.

import VaultLedger
public import VaultRegistry

/// The ways to use a connection that a policy can allow; the raw value is what `--allow` calls it.
///
/// A test is none of them: whoever may use a connection at all may ask whether it works, and what they learn is a word.
public enum Use: String, Sendable, CaseIterable, Codable {
    case exec, proxy, request, token
}

/// What a connection is opened for.
public enum Purpose: Sendable, Equatable {
    case test
    /// `headers` are the names of those that the caller gives.
    case request(method: String, path: RequestPath, headers: [String])
    /// For the requests of the next minute; `tally` is what was sent since the entry before.
    case proxy(Tally)
    /// The token's value is given out.
    case token

    /// What a proxy sent for one connection.
    public struct Tally: Sendable, Equatable {
        public var requests = 0
        /// Of these: answered with a status from 400 on, or not at all.
        public var failed = 0
        /// Refused before they were sent.
        public var refused = 0

        public init() {}
        public var isEmpty: Bool { requests == 0 && refused == 0 }
    }

    var use: Use? {
        switch self {
        case .test: nil
        case .request: .request
        case .proxy: .proxy
        case .token: .token
        }
    }

    var action: Action {
        switch self {
        case .test: .testConnection
        case .request: .requestConnection
        case .proxy: .proxyConnection
        case .token: .tokenOfConnection
        }
    }

    /// What the ledger is told besides who and what; a query may hold anything, and is left out.
    var details: JSON.Members {
        switch self {
        case .test, .token: [:]
        case .request(let method, let path, _): ["method": .string(method), "path": .string(path.path)]
        case .proxy(let tally): tally.details
        }
    }
}

extension Purpose.Tally {
    var details: JSON.Members {
        [
            "failed": .integer(Int64(failed)), "refused": .integer(Int64(refused)),
            "requests": .integer(Int64(requests)),
        ]
    }
}
