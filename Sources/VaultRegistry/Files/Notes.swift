/// The diagnostics of one reading.
final class Notes {
    /// More than these nobody reads; a hostile file must not make a million.
    static let maximum = 200

    private(set) var diagnostics: [Diagnostic] = []
    /// Where the parts of the connector stand, for what is checked once all of it is read.
    private var places: [(part: Part, spot: Spot)] = []

    enum Part: Equatable {
        case field(String)
        case choice(String, of: String)
        case recipe(String, Int)
    }

    func place(_ part: Part, at spot: Spot) { places.append((part, spot)) }

    func spot(of part: Part) -> Spot? { places.last { $0.part == part }?.spot }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The hint is not made when nobody will read it: to find the nearest of many words takes long.
    func error(_ spot: Spot, _ message: String, _ hint: @autoclosure () -> String? = nil) {
        add(.error, spot, message, hint)
    }

    func warning(_ spot: Spot, _ message: String, _ hint: @autoclosure () -> String? = nil) {
        add(.warning, spot, message, hint)
    }

    /// By place in the file; of one place, in the order found.
    var sorted: [Diagnostic] {
        diagnostics.enumerated().sorted {
            ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
        }.map(\.element)
    }

    private func add(_ severity: Diagnostic.Severity, _ spot: Spot, _ message: String, _ hint: () -> String?)
    {
        guard diagnostics.count < Notes.maximum else { return }
        diagnostics.append(
            Diagnostic(
                severity: severity, line: spot.line, column: spot.column, message: message, hint: hint()))
    }
}

/// `did you mean a or b?`, or what there is.
func nearestHint(_ text: String, among known: [String]) -> String {
    let near = Name.nearest(to: text, among: known, limit: 3)
    return near.isEmpty ? "known here: \(known.inWords("and"))" : "did you mean \(near.alternatives)?"
}
