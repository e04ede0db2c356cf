/// A list of fields asked in order: what connections and OAuth 2.0 clients have in common.
struct Form {
    /// `connection` or `OAuth 2.0 client`, for messages.
    let noun: String
    let fields: [Field]

    func field(_ key: String) -> Field? { fields.first { $0.key == key } }
}

extension Connector {
    var form: Form { Form(noun: "\(name) connection", fields: fields) }

    /// Whether the form asks for this field, given the answers so far.
    public func applies(_ field: Field, in settings: Settings) -> Bool {
        field.condition.holds(in: settings) ?? false
    }

    /// The values that can be chosen, given the answers so far; empty for a field of free text.
    public func choices(of field: Field, in settings: Settings) -> [Choice] {
        field.choices(in: settings)
    }

    /// Whether the field, which applies, must have a value.
    ///
    /// `secretsGiven` holds the keys of secret fields that were or will be given. A requirement that hangs on
    /// fields that come later in the form is only final once those are answered.
    public func isRequired(_ field: Field, in settings: Settings, secretsGiven: Set<String>) -> Bool {
        field.isRequired(in: settings, secretsGiven: secretsGiven) ?? false
    }
}

extension Field {
    func choices(in settings: Settings) -> [Choice] {
        choices.filter { $0.condition.holds(in: settings) ?? false }
    }

    func isRequired(
        in settings: Settings, secretsGiven: Set<String>, unknown: Set<String> = []
    ) -> Bool? {
        switch requirement {
        case .always: true
        case .never: false
        case .when(let condition):
            condition.holds(in: settings, secretsGiven: secretsGiven, unknown: unknown)
        }
    }
}
