/// One thing that does not fit, and what would.
///
/// Carries keys, names and the values of plain settings at most, never any part of a secret.
public struct Problem: Error, Sendable, Equatable, Codable {
    /// The key of the field, when it is about one.
    public let field: String?
    public let message: String
    public let fits: String?

    public init(field: String?, message: String, fits: String? = nil) {
        self.field = field
        self.message = message
        self.fits = fits
    }
}

/// Every problem of one input, in the order of the form.
public struct Problems: Error, Sendable, Equatable {
    public let all: [Problem]
}
