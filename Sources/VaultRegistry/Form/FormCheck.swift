/// One pass over a form, in its order, that collects every problem.
struct FormCheck {
    let form: Form
    let raw: [String: [String]]
    let secretsGiven: Set<String>
    private let keys: [String]
    var settings: Settings = [:]
    var problems: [Problem] = []
    /// Fields whose value was refused or is missing: what hangs on them cannot be decided.
    private var unknown: Set<String> = []
    private var secretFields: [Field] = []
    private var missingOptional: [Field] = []

    init(form: Form, raw: [String: [String]], secretsGiven: Set<String>) {
        self.form = form
        self.raw = raw.filter { $0.value.contains { !$0.trimmed.isEmpty } }
        self.secretsGiven = secretsGiven
        keys = raw.keys.sorted()
    }

    var result: Result<Draft, Problems> {
        guard problems.isEmpty else { return .failure(Problems(all: problems)) }
        return .success(
            Draft(settings: settings, secretFields: secretFields, missingOptional: missingOptional))
    }

    mutating func run() {
        findStrangers()
        for field in form.fields {
            if raw[field.key] != nil, !field.isSecret { take(field) }
        }
        for field in form.fields { decide(field) }
        for field in form.fields { checkMissing(field) }
    }

    /// Keys that the form does not have, and secrets and settings taken for each other.
    private mutating func findStrangers() {
        for key in keys {
            if form.field(key) == nil {
                problems.append(stranger(key, isSecret: false))
            } else if form.field(key)?.isSecret == true {
                problems.append(
                    Problem(
                        field: key, message: "'\(key)' is a secret: it is not given as a setting",
                        fits:
                            "--secret \(key)=SOURCE; this value is in your shell's history now, so replace it there"
                    ))
            }
        }
        for key in secretsGiven.sorted() {
            if form.field(key) == nil {
                problems.append(stranger(key, isSecret: true))
            } else if form.field(key)?.isSecret == false {
                problems.append(
                    Problem(
                        field: key, message: "'\(key)' is a setting, not a secret", fits: "--set \(key)=VALUE"
                    ))
            }
        }
    }

    private func stranger(_ key: String, isSecret: Bool) -> Problem {
        let known = form.fields.filter { $0.isSecret == isSecret }.map(\.key)
        let near = Name.nearest(to: key, among: known, limit: 3)
        let kind = isSecret ? "secret" : "setting"
        return Problem(
            field: nil, message: "a \(form.noun) has no \(kind) '\(key)'",
            fits: near.isEmpty
                ? known.isEmpty ? "it has no \(kind)s" : "it has \(known.inWords("and"))"
                : "did you mean \(near.alternatives)?")
    }

    /// Normalises what was given. Whether it applies is decided when all values are there.
    private mutating func take(_ field: Field) {
        switch field.normalised(raw[field.key] ?? []) {
        case .success(let value): settings[field.key] = value
        case .failure(let problem):
            problems.append(problem)
            unknown.insert(field.key)
        }
    }

    /// In the order of the form: a condition asks about earlier fields, which are decided by then.
    private mutating func decide(_ field: Field) {
        let isGiven = raw[field.key] != nil || secretsGiven.contains(field.key)
        guard let applies = field.condition.holds(in: settings, unknown: unknown) else {
            // Nobody can say whether it is asked for; so its value decides nothing either.
            if settings[field.key] == nil { unknown.insert(field.key) }
            return
        }
        guard applies else {
            if isGiven {
                problems.append(
                    Problem(
                        field: field.key,
                        message: "'\(field.key)' does not apply when \(field.condition.state(in: settings))",
                        fits: "leave it out; it is for when \(field.condition.words)"))
            }
            settings[field.key] = nil
            unknown.remove(field.key)
            return
        }
        if !isGiven, let value = field.defaultValue, case .success(let value) = field.normalised([value]) {
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
                    message:
                        "\(field.key) does not take '\(text)' when \(choice.condition.state(in: settings))",
                    fits: open.isEmpty ? nil : "choose \(open.alternatives)"))
            unknown.insert(field.key)
            settings[field.key] = nil
        }
    }

    /// When everything else is known, since a requirement may ask about later fields.
    private mutating func checkMissing(_ field: Field) {
        guard field.condition.holds(in: settings, unknown: unknown) == true else { return }
        if field.isSecret, secretsGiven.contains(field.key) {
            secretFields.append(field)
            return
        }
        guard settings[field.key] == nil, field.isSecret || raw[field.key] == nil else { return }
        // A secret given as a setting has its problem already.
        if field.isSecret, raw[field.key] != nil { return }
        switch field.isRequired(in: settings, secretsGiven: secretsGiven, unknown: unknown) {
        case true?: problems.append(missing(field))
        case false?: missingOptional.append(field)
        case nil: break
        }
    }

    private func missing(_ field: Field) -> Problem {
        let open = field.choices(in: settings).map(\.value)
        let how = field.isSecret ? "--secret \(field.key)=SOURCE" : "--set \(field.key)=VALUE"
        return Problem(
            field: field.key, message: "'\(field.key)' is missing: \(field.help)",
            fits: open.isEmpty ? how : "\(how), one of \(open.inWords("and"))")
    }
}
