/// Finds fields, choices and recipes that no connection can use, because their condition never holds.
///
/// It walks the form once for each combination of answers to the fields that conditions test, as a person would: only
/// fields that apply and choices that are available. A form with more than 5000 combinations is not checked.
struct ReachabilityCheck {
    private static let maximumCombinations = 5000

    private let connector: Connector
    private let file: MappingReader
    /// The conditions of each list of recipes, by its key in the file.
    private let recipes: [(key: String, conditions: [Condition])]
    /// The keys that conditions test, with the values that they name.
    private var values: [String: [String]] = [:]

    private var combinations = 0
    private var reachedFields: Set<String> = []
    private var reachedChoices: Set<String> = []
    private var usedRecipes: [String: Set<Int>] = [:]
    private var isHostless = false

    init(_ connector: Connector, _ file: MappingReader) {
        self.connector = connector
        self.file = file
        recipes = [
            ("host", connector.addresses.map(\.condition)),
            ("authenticate", connector.authentications.map(\.condition)),
            ("tests", connector.tests.map(\.condition)),
            ("variables", connector.variables.map(\.condition)),
        ]
        var conditions = connector.fields.flatMap { [$0.condition] + $0.choices.map(\.condition) }
        conditions += recipes.flatMap { $0.conditions }
        for clause in conditions.flatMap({ $0.alternatives.joined() }) {
            let known = values[clause.key] ?? []
            switch clause.test {
            case .oneOf(let named), .noneOf(let named):
                values[clause.key] = known + named.filter { !known.contains($0) }
            case .given, .absent: values[clause.key] = known
            }
        }
    }

    mutating func run() {
        walk(0, [:])
        guard combinations < Self.maximumCombinations else { return }
        for (field, node) in zip(connector.fields, file.items("fields")) {
            guard reachedFields.contains(field.key) else {
                warn(node, "the field '\(field.key)' can never be reached")
                continue
            }
            for (choice, node) in zip(field.choices, node["choices"]?.items ?? [])
            where !reachedChoices.contains(field.key + "=" + choice.value) {
                warn(node, "the choice '\(choice.value)' of '\(field.key)' can never be selected")
            }
        }
        if isHostless, let host = file.items("host").first {
            warn(host, "some connections have no host, because no condition of 'host' holds")
        }
        for (key, _) in recipes {
            for (index, node) in file.items(key).enumerated()
            where usedRecipes[key]?.contains(index) != true {
                warn(
                    node,
                    "this entry of '\(key)' is never used, because its condition never holds or an earlier one always does"
                )
            }
        }
    }

    private func warn(_ node: Node, _ message: String) {
        file.diagnostics.warning(node.position, message, "correct its 'when', or remove it")
    }

    private mutating func walk(_ index: Int, _ settings: Settings) {
        guard combinations < Self.maximumCombinations else { return }
        guard index < connector.fields.count else {
            combinations += 1
            return reach(settings)
        }
        let field = connector.fields[index]
        guard field.applies(in: settings) else { return walk(index + 1, settings) }
        reachedFields.insert(field.key)
        for choice in field.choices(in: settings) { reachedChoices.insert(field.key + "=" + choice.value) }
        guard values[field.key] != nil else { return walk(index + 1, settings) }
        for answer in answers(field, settings) {
            var next = settings
            next[field.key] = answer.map { field.isList ? .list([$0]) : .text($0) }
            walk(index + 1, next)
        }
    }

    /// The answers to try: for a choice, those available; for text, each value that a condition names and another one.
    /// A field that can be left empty is also tried without an answer.
    private func answers(_ field: Field, _ settings: Settings) -> [String?] {
        var answers: [String?] = field.choices(in: settings).map(\.value)
        if field.choices.isEmpty {
            for named in values[field.key] ?? [] { answers.append(named) }
            answers.append(field.example ?? field.defaultValue ?? "x")
        }
        if field.requirement != .always { answers.append(nil) }
        return answers
    }

    private mutating func reach(_ settings: Settings) {
        for (key, conditions) in recipes {
            let holding = conditions.indices.filter { conditions[$0].holds(in: settings) ?? false }
            if key == "host", holding.isEmpty { isHostless = true }
            // Of variables, every one is used; of other recipes, the first.
            usedRecipes[key, default: []].formUnion(holding.prefix(key == "variables" ? holding.count : 1))
        }
    }
}
