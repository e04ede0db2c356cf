/// One mistake in a connector file.
///
/// A file is read to its end and every mistake is reported at its position. No input makes reading slow.
public struct Diagnostic: Sendable, Equatable, Codable {
    /// Whether a connector can be used in spite of a mistake.
    public enum Severity: String, Sendable, Codable {
        /// The connector cannot be used.
        case error
        /// The connector can be used, but people will have trouble with it.
        case warning
    }

    /// Whether the connector can be used.
    public let severity: Severity
    /// The line, from 1.
    public let line: Int
    /// The column in Unicode scalars, from 1.
    public let column: Int
    /// The mistake.
    public let message: String
    /// How to correct it, or nil if the message says it all.
    public let hint: String?
}

/// A connector file has at least one mistake that makes it unusable.
public struct ConnectorFileError: Error, Sendable, Equatable {
    /// Every mistake, by position.
    public let diagnostics: [Diagnostic]
}

/// A position in a connector file; line and column begin at 1.
struct SourcePosition {
    let line: Int
    let column: Int

    static let start = SourcePosition(line: 1, column: 1)
}
