/// Collects the diagnostics of one connector file.
final class DiagnosticCollector {
    /// The maximum number of diagnostics that are kept; a hostile file could produce millions.
    static let maximum = 200

    private var all: [Diagnostic] = []

    var hasErrors: Bool { all.contains { $0.severity == .error } }

    /// Adds an error. The hint is evaluated only if the diagnostic is kept, because finding near names is slow.
    func error(_ position: SourcePosition, _ message: String, _ hint: @autoclosure () -> String? = nil) {
        add(.error, position, message, hint)
    }

    func warning(_ position: SourcePosition, _ message: String, _ hint: @autoclosure () -> String? = nil) {
        add(.warning, position, message, hint)
    }

    /// The diagnostics by position; those of one position in the order they were added.
    var sorted: [Diagnostic] {
        all.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }.map(\.element)
    }

    private func add(
        _ severity: Diagnostic.Severity, _ position: SourcePosition, _ message: String,
        _ hint: () -> String?
    ) {
        guard all.count < Self.maximum else { return }
        all.append(
            Diagnostic(
                severity: severity, line: position.line, column: position.column, message: message,
                hint: hint()))
    }
}

/// Returns `did you mean a or b?`, or the list of known names if none is near.
func nearestHint(_ text: String, among known: [String]) -> String {
    let near = Name.nearest(to: text, among: known, limit: 3)
    return near.isEmpty ? "use \(known.alternatives)" : "did you mean \(near.alternatives)?"
}
