/// The values of a form, and every problem that was found in them.
public struct ValidatedForm: Sendable {
    /// The settings to store, if there are no problems.
    public private(set) var settings: Settings = [:]
    /// The secret fields that apply and were given, in the order of the form.
    public private(set) var secretFields: [Field] = []
    /// What is wrong, in the order of the form.
    public internal(set) var problems: [Problem] = []

    /// The singular noun for messages: `celonis connection`.
    private let noun: String
    private let fields: [Field]
    private let raw: [String: [String]]
    private let secretsGiven: Set<String>
    /// The fields with a rejected or missing value. Conditions that test them cannot be evaluated.
    private var unknown: Set<String> = []

    init(_ noun: String, _ fields: [Field], raw: [String: [String]], secretsGiven: Set<String>) {
        (self.noun, self.fields, self.secretsGiven) = (noun, fields, secretsGiven)
        self.raw = raw.filter { $0.value.contains { !$0.trimmed.isEmpty } }
        for key in raw.keys.sorted() { checkKey(key, isSecret: false) }
        for key in secretsGiven.sorted() { checkKey(key, isSecret: true) }
        for field in fields where self.raw[field.key] != nil && !field.isSecret { normalize(field) }
        for field in fields { decide(field) }
        for field in fields { checkMissing(field) }
    }

    private mutating func reject(_ key: String?, _ message: String, _ hint: String?) {
        problems.append(Problem(message, hint, field: key))
    }

    /// Reports an unknown key, and a secret given as a setting or a setting given as a secret.
    private mutating func checkKey(_ key: String, isSecret: Bool) {
        guard let field = fields.first(where: { $0.key == key }) else {
            let known = fields.filter { $0.isSecret == isSecret }.map(\.key)
            let near = Name.nearest(to: key, among: known, limit: 3)
            let kind = isSecret ? "secret" : "setting"
            return reject(
                nil, "unknown \(kind) '\(key)' for \(noun)s",
                near.isEmpty
                    ? known.isEmpty ? "it has no \(kind)s" : "use \(known.alternatives)"
                    : "did you mean \(near.alternatives)?")
        }
        guard field.isSecret != isSecret else { return }
        if isSecret {
            reject(key, "\(key) is a setting, not a secret", "use --set \(key)=VALUE")
        } else {
            reject(
                key, "\(key) is a secret, which can't be an argument",
                "use --secret \(key)=prompt, and replace the secret, which is now in your shell's history")
        }
    }

    private mutating func normalize(_ field: Field) {
        do { settings[field.key] = try field.normalized(raw[field.key] ?? []) } catch {
            problems.append(error)
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
                reject(
                    field.key, "\(field.key) does not apply when \(field.condition.state(in: settings))",
                    "remove it, or use it when \(field.condition.text)")
            }
            settings[field.key] = nil
            unknown.remove(field.key)
            return
        }
        if !isGiven, let value = field.defaultValue, let value = try? field.normalized([value]) {
            settings[field.key] = value
        }
        if let value = settings[field.key] { checkChoices(field, value) }
        if settings[field.key] == nil, !field.isSecret, field.requirement == .always {
            unknown.insert(field.key)
        }
    }

    private mutating func checkChoices(_ field: Field, _ value: SettingValue) {
        for choice in value.values.compactMap({ text in field.choices.first { $0.value == text } })
        where choice.condition.holds(in: settings, unknown: unknown) == false {
            let open = field.choices(in: settings).map(\.value)
            reject(
                field.key,
                "\(field.key) can't be '\(choice.value)' when \(choice.condition.state(in: settings))",
                open.isEmpty ? nil : "use \(open.alternatives)")
            unknown.insert(field.key)
            settings[field.key] = nil
        }
    }

    /// Reports a missing value. Called once all fields are decided, because a requirement can test later fields.
    private mutating func checkMissing(_ field: Field) {
        guard field.condition.holds(in: settings, unknown: unknown) == true else { return }
        if field.isSecret, secretsGiven.contains(field.key) { return secretFields.append(field) }
        // A value that was given and rejected already has its problem.
        guard settings[field.key] == nil, raw[field.key] == nil,
            field.isRequired(in: settings, secretsGiven: secretsGiven, unknown: unknown) == true
        else { return }
        let open = field.choices(in: settings).map(\.value)
        reject(
            field.key, "\(field.key) is required" + (open.isEmpty ? "" : " (\(open.alternatives))"),
            field.isSecret
                ? "add --secret \(field.key)=prompt"
                : "add --set \(field.key)=\(open.first ?? field.example ?? "VALUE")")
    }
}
