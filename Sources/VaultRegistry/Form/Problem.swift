/// A rejected input, and how to correct it.
///
/// It contains keys, names and values of settings, never any part of a secret.
public struct Problem: Error, Sendable, Equatable, Codable {
    /// The key of the field that the problem is about, or nil.
    public let field: String?
    /// What is wrong.
    public let message: String
    /// How to correct it, or nil if the message says it all.
    public let hint: String?

    private enum CodingKeys: String, CodingKey {
        case field, message
        case hint = "fits"
    }

    /// Creates a problem.
    public init(field: String?, message: String, hint: String? = nil) {
        self.field = field
        self.message = message
        self.hint = hint
    }
}

/// All problems of an input, in the order of the form.
public struct Problems: Error, Sendable, Equatable {
    /// The problems.
    public let all: [Problem]
}
