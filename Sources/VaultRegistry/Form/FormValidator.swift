/// Validates the input of a form and collects every problem.
struct FormValidator {
    let form: Form
    let raw: [String: [String]]
    let secretsGiven: Set<String>
    private let keys: [String]
    var settings: Settings = [:]
    var problems: [Problem] = []
    /// The fields with a rejected or missing value. Conditions that test them cannot be evaluated.
    private var unknown: Set<String> = []
    private var secretFields: [Field] = []
    private var missingOptional: [Field] = []

    init(form: Form, raw: [String: [String]], secretsGiven: Set<String>) {
        self.form = form
        self.raw = raw.filter { $0.value.contains { !$0.trimmed.isEmpty } }
        self.secretsGiven = secretsGiven
        keys = raw.keys.sorted()
    }

    var result: Result<ValidatedForm, Problems> {
        guard problems.isEmpty else { return .failure(Problems(all: problems)) }
        return .success(
            ValidatedForm(settings: settings, secretFields: secretFields, missingOptional: missingOptional))
    }

    mutating func run() {
        checkKeys()
        for field in form.fields where raw[field.key] != nil && !field.isSecret { normalize(field) }
        for field in form.fields { decide(field) }
        for field in form.fields { checkMissing(field) }
    }

    /// Reports unknown keys, and secrets given as settings or settings given as secrets.
    private mutating func checkKeys() {
        for key in keys {
            guard let field = form.field(key) else {
                problems.append(unknownKey(key, isSecret: false))
                continue
            }
            guard field.isSecret else { continue }
            problems.append(
                Problem(
                    field: key, message: "\(key) is a secret, which can't be an argument",
                    hint:
                        "use --secret \(key)=prompt, and replace the secret, which is now in your shell's history"
                ))
        }
        for key in secretsGiven.sorted() {
            guard let field = form.field(key) else {
                problems.append(unknownKey(key, isSecret: true))
                continue
            }
            guard !field.isSecret else { continue }
            problems.append(
                Problem(
                    field: key, message: "\(key) is a setting, not a secret", hint: "use --set \(key)=VALUE"))
        }
    }

    private func unknownKey(_ key: String, isSecret: Bool) -> Problem {
        let known = form.fields.filter { $0.isSecret == isSecret }.map(\.key)
        let near = Name.nearest(to: key, among: known, limit: 3)
        let kind = isSecret ? "secret" : "setting"
        return Problem(
            field: nil, message: "unknown \(kind) '\(key)' for \(form.noun)s",
            hint: near.isEmpty
                ? known.isEmpty ? "it has no \(kind)s" : "use \(known.alternatives)"
                : "did you mean \(near.alternatives)?")
    }

    private mutating func normalize(_ field: Field) {
        switch field.normalized(raw[field.key] ?? []) {
        case .success(let value): settings[field.key] = value
        case .failure(let problem):
            problems.append(problem)
            unknown.insert(field.key)
        }
    }

    /// Decides whether a field applies. Called in the order of the form, because a condition tests earlier fields.
    private mutating func decide(_ field: Field) {
        let isGiven = raw[field.key] != nil || secretsGiven.contains(field.key)
        guard let applies = field.condition.holds(in: settings, unknown: unknown) else {
            // The condition depends on an unknown field, so a missing value is unknown, too.
            if settings[field.key] == nil { unknown.insert(field.key) }
            return
        }
        guard applies else {
            if isGiven {
                problems.append(
                    Problem(
                        field: field.key,
                        message: "\(field.key) does not apply when \(field.condition.state(in: settings))",
                        hint: "remove it, or use it when \(field.condition.text)"))
            }
            settings[field.key] = nil
            unknown.remove(field.key)
            return
        }
        if !isGiven, let value = field.defaultValue, case .success(let value) = field.normalized([value]) {
            settings[field.key] = value
        }
        if let value = settings[field.key] { checkChoice(field, value) }
        if settings[field.key] == nil, !field.isSecret, field.requirement == .always {
            unknown.insert(field.key)
        }
    }

    private mutating func checkChoice(_ field: Field, _ value: SettingValue) {
        guard !field.choices.isEmpty else { return }
        for text in value.values {
            guard let choice = field.choices.first(where: { $0.value == text }) else { continue }
            guard choice.condition.holds(in: settings, unknown: unknown) == false else { continue }
            let open = field.choices(in: settings).map(\.value)
            problems.append(
                Problem(
                    field: field.key,
                    message: "\(field.key) can't be '\(text)' when \(choice.condition.state(in: settings))",
                    hint: open.isEmpty ? nil : "use \(open.alternatives)"))
            unknown.insert(field.key)
            settings[field.key] = nil
        }
    }

    /// Reports a missing value. Called once all fields are decided, because a requirement can test later fields.
    private mutating func checkMissing(_ field: Field) {
        guard field.condition.holds(in: settings, unknown: unknown) == true else { return }
        if field.isSecret, secretsGiven.contains(field.key) {
            secretFields.append(field)
            return
        }
        // A value that was given and rejected already has its problem.
        guard settings[field.key] == nil, raw[field.key] == nil else { return }
        switch field.isRequired(in: settings, secretsGiven: secretsGiven, unknown: unknown) {
        case true?: problems.append(missing(field))
        case false?: missingOptional.append(field)
        case nil: break
        }
    }

    private func missing(_ field: Field) -> Problem {
        let open = field.choices(in: settings).map(\.value)
        let choices = open.isEmpty ? "" : " (\(open.alternatives))"
        let hint =
            if field.isSecret { "add --secret \(field.key)=prompt" } else {
                "add --set \(field.key)=\(open.first ?? field.example ?? "VALUE")"
            }
        return Problem(field: field.key, message: "\(field.key) is required\(choices)", hint: hint)
    }
}
