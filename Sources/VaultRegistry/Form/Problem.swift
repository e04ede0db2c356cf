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
        (self.field, self.message, self.hint) = (field, message, hint)
    }

    init(_ message: String, _ hint: String? = nil, field: String? = nil) {
        self.init(field: field, message: message, hint: hint)
    }
}
