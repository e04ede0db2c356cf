/// A cheap request that shows whether a connection works, and what each failure means.
public struct TestRequest: Sendable, Equatable {
    /// The HTTP method.
    public let method: String
    /// The path and query, without secrets, because addresses end up in logs.
    public let path: Template
    let success: [ClosedRange<Int>]
    let failures: [Failure]

    /// A kind of response that means that the test failed.
    public struct Failure: Sendable, Equatable {
        enum Body: Sendable, Equatable {
            case any
            case empty
            case contains(String)
        }

        let statuses: [ClosedRange<Int>]
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
