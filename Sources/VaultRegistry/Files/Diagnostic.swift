/// One mistake in a connector file.
///
/// Rule of this folder: a file that a person wrote is read to its end, and every mistake is named where it stands;
/// nothing of it is guessed at, and no input makes the reading slow.
public struct Diagnostic: Sendable, Equatable, Codable {
    public enum Severity: String, Sendable, Codable {
        /// The connector cannot be used.
        case error
        /// It can, but people will have trouble with it.
        case warning
    }

    public let severity: Severity
    /// Both from 1; columns count Unicode scalars, as YAML libraries do.
    public let line: Int
    public let column: Int
    public let message: String
    public let hint: String?
}

/// A connector file that cannot be used: its diagnostics, by line.
public struct ConnectorFileError: Error, Sendable, Equatable {
    public let diagnostics: [Diagnostic]
}

/// Where something stands in the file.
struct Spot {
    var line: Int
    var column: Int
}
