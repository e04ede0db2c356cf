/// An environment variable of a child process.
public struct Variable: Sendable, Equatable {
    /// The name of the variable.
    public let name: String
    /// The template of the value.
    public let value: Template
    /// Whether the value is written to a file that only the child's user can read, and the variable is its path.
    public let isFile: Bool

    /// The pieces of the value.
    public var template: [TemplatePiece] { value.pieces }

    /// Whether the value is an address of the system, which a proxy replaces with its own.
    public var isAddress: Bool {
        guard case .text(let text)? = value.pieces.first else { return false }
        return text.hasPrefix("https://")
    }
}
