/// Finds fields, choices and recipes that no connection can use, because their condition never holds.
///
/// It walks the form once for each combination of answers to the fields that conditions test, as a person would: only
/// fields that apply and choices that are available. A form with more than 5000 combinations is not checked.
struct ReachabilityCheck {
    private static let maximumCombinations = 5000

    private let connector: Connector
    private let diagnostics: DiagnosticCollector
    /// The keys that conditions test, with the values that they name.
    private let values: [String: [String]]

    init(_ connector: Connector, diagnostics: DiagnosticCollector) {
        self.connector = connector
        self.diagnostics = diagnostics
        var conditions =
            connector.fields.map(\.condition) + connector.fields.flatMap { $0.choices.map(\.condition) }
        conditions += connector.authentications.map(\.condition) + connector.tests.map(\.condition)
        conditions += connector.variables.map(\.condition) + connector.addresses.map(\.condition)
        var values: [String: [String]] = [:]
        for clause in conditions.flatMap({ $0.alternatives.joined() }) {
            switch clause.test {
            case .oneOf(let named), .noneOf(let named):
                let known = values[clause.key] ?? []
                values[clause.key] = known + named.filter { !known.contains($0) }
            case .given, .absent: values[clause.key] = values[clause.key] ?? []
            }
        }
        self.values = values
    }

    /// The answers to try: for a choice, those available; for text, each value that a condition names and another one.
    /// A field that can be left empty is also tried without an answer.
    private func answers(_ field: Field, _ settings: Settings) -> [String?] {
        if !field.choices.isEmpty {
            let open: [String?] = field.choices(in: settings).map(\.value)
            return field.requirement == .always ? open : open + [nil]
        }
        let named = values[field.key] ?? []
        let given: [String?] = named + [field.example ?? field.defaultValue ?? "x"]
        return field.requirement == .always ? given : given + [nil]
    }

    private struct Reached {
        var combinations = 0
        var fields: Set<String> = []
        var choices: Set<String> = []
        var recipes: [String: Set<Int>] = [:]
        var isHostless = false
    }

    func run() {
        var reached = Reached()
        walk(0, [:], &reached)
        guard reached.combinations < Self.maximumCombinations else { return }
        for field in connector.fields {
            guard reached.fields.contains(field.key) else {
                warn(.field(field.key), "the field '\(field.key)' can never be reached")
                continue
            }
            for choice in field.choices where !reached.choices.contains(field.key + "=" + choice.value) {
                warn(
                    .choice(choice.value, of: field.key),
                    "the choice '\(choice.value)' of '\(field.key)' can never be selected")
            }
        }
        if reached.isHostless {
            warn(.recipe("host", 0), "some connections have no host, because no condition of 'host' holds")
        }
        for (kind, count) in recipeCounts {
            for index in 0..<count where reached.recipes[kind]?.contains(index) != true {
                warn(
                    .recipe(kind, index),
                    "this entry of '\(kind)' is never used, because its condition never holds or an earlier one always does"
                )
            }
        }
    }

    private func warn(_ part: DiagnosticCollector.Part, _ message: String) {
        diagnostics.warning(
            diagnostics.position(of: part) ?? SourcePosition(line: 1, column: 1), message,
            "correct its 'when', or remove it")
    }

    private var recipeCounts: [(String, Int)] {
        [
            ("host", connector.addresses.count), ("authenticate", connector.authentications.count),
            ("tests", connector.tests.count), ("variables", connector.variables.count),
        ]
    }

    private func walk(_ index: Int, _ settings: Settings, _ reached: inout Reached) {
        guard reached.combinations < Self.maximumCombinations else { return }
        guard index < connector.fields.count else {
            reached.combinations += 1
            reach(settings, &reached)
            return
        }
        let field = connector.fields[index]
        guard connector.applies(field, in: settings) else { return walk(index + 1, settings, &reached) }
        reached.fields.insert(field.key)
        for choice in field.choices(in: settings) { reached.choices.insert(field.key + "=" + choice.value) }
        guard values[field.key] != nil else { return walk(index + 1, settings, &reached) }
        for answer in answers(field, settings) {
            var next = settings
            next[field.key] = answer.map { field.isList ? .list([$0]) : .text($0) }
            walk(index + 1, next, &reached)
        }
    }

    private func reach(_ settings: Settings, _ reached: inout Reached) {
        func first(_ kind: String, _ conditions: [Condition]) {
            if let index = conditions.firstIndex(where: { $0.holds(in: settings) ?? false }) {
                reached.recipes[kind, default: []].insert(index)
            }
        }
        first("host", connector.addresses.map(\.condition))
        if !connector.addresses.contains(where: { $0.condition.holds(in: settings) ?? false }) {
            reached.isHostless = true
        }
        first("authenticate", connector.authentications.map(\.condition))
        first("tests", connector.tests.map(\.condition))
        for (index, recipe) in connector.variables.enumerated()
        where recipe.condition.holds(in: settings) ?? false {
            reached.recipes["variables", default: []].insert(index)
        }
    }
}
