/// A cheap request that shows whether a connection works, and what each failure means.
public struct TestRequest: Sendable, Equatable {
    /// The HTTP method.
    public let method: String
    /// The path and query, without secrets, because addresses end up in logs.
    public let path: Template
    /// The status codes that mean success.
    let success: [Statuses]
    let failures: [Failure]

    /// A range of status codes.
    ///
    /// Not a `ClosedRange`, because looking up the conformance to `Comparable` takes longer than reading the recipe.
    struct Statuses: Sendable, Equatable {
        let lowest: Int
        let highest: Int

        static let anySuccess = Statuses(lowest: 200, highest: 299)

        func contains(_ status: Int) -> Bool { lowest <= status && status <= highest }
    }

    /// A kind of response that means that the test failed.
    public struct Failure: Sendable, Equatable {
        enum Body: Sendable, Equatable {
            case any
            case empty
            case contains(String)
        }

        let statuses: [Statuses]
        let body: Body
        /// The cause, for the user.
        public let means: String
        /// What the user can do about it.
        public let next: String?
    }

    /// Whether a status code means that the connection works.
    public func isSuccess(status: Int) -> Bool { success.contains { $0.contains(status) } }

    /// Returns the first failure that matches a response, or nil.
    ///
    /// - Parameters:
    ///   - status: The status code of the response.
    ///   - body: The body of the response, or its beginning.
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
