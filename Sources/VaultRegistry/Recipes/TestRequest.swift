/// A cheap request that shows whether a connection works, and what each failure means.
public struct TestRequest: Sendable, Equatable {
    public let method: String
    /// Path and query. Holds no secret: addresses end up in logs.
    public let path: Template
    /// Status codes that mean that it works.
    public let success: [Statuses]
    public let failures: [Failure]

    /// Status codes from the lowest to the highest. No `ClosedRange`: to look up that numbers can be compared costs a command
    /// more than to read the recipe.
    public struct Statuses: Sendable, Equatable {
        let lowest: Int
        let highest: Int

        static let anySuccess = Statuses(lowest: 200, highest: 299)

        func contains(_ status: Int) -> Bool { lowest <= status && status <= highest }
    }

    public struct Failure: Sendable, Equatable {
        public enum Body: Sendable, Equatable {
            case any
            case empty
            case contains(String)
        }

        public let statuses: [Statuses]
        public let body: Body
        /// What it means, for the person.
        public let means: String
        /// What to do about it.
        public let next: String?
    }

    public func isSuccess(status: Int) -> Bool { success.contains { $0.contains(status) } }

    /// The first failure that fits an answer; `body` may be the answer's beginning.
    public func failure(status: Int, body: String) -> Failure? {
        failures.first { failure in
            guard failure.statuses.contains(where: { $0.contains(status) }) else { return false }
            return switch failure.body {
            case .any: true
            case .empty: body.allSatisfy(\.isWhitespace)
            case .contains(let text): body.contains(text)
            }
        }
    }
}

/// A variable in the environment of a child process.
public struct Variable: Sendable, Equatable {
    public let name: String
    public let value: Template
    /// The value goes into a file that only the child's user can read, and the variable holds its path.
    public let isFile: Bool

    public var template: [TemplatePiece] { value.pieces }

    /// True when it holds the address of the other side, which a proxy replaces by its own.
    public var isAddress: Bool {
        guard case .text(let text)? = value.pieces.first else { return false }
        return text.hasPrefix("https://")
    }
}
