/// The fields of a connection or an OAuth 2.0 client.
struct Form {
    /// The singular noun for messages: `celonis connection`.
    let noun: String
    let fields: [Field]

    func field(_ key: String) -> Field? { fields.first { $0.key == key } }
}

extension Connector {
    var form: Form { Form(noun: "\(name) connection", fields: fields) }

    /// Whether a field applies, given the settings so far.
    public func applies(_ field: Field, in settings: Settings) -> Bool {
        field.condition.holds(in: settings) ?? false
    }

    /// Returns the available choices of a field, given the settings so far; empty for a field of free text.
    public func choices(of field: Field, in settings: Settings) -> [Choice] {
        field.choices(in: settings)
    }

    /// Whether a field that applies must have a value.
    ///
    /// A requirement that tests later fields is only final once these have values.
    ///
    /// - Parameters:
    ///   - field: The field.
    ///   - settings: The settings so far.
    ///   - secretsGiven: The keys of the secrets that were or will be given.
    public func isRequired(_ field: Field, in settings: Settings, secretsGiven: Set<String>) -> Bool {
        field.isRequired(in: settings, secretsGiven: secretsGiven) ?? false
    }
}

extension Field {
    func choices(in settings: Settings) -> [Choice] {
        choices.filter { $0.condition.holds(in: settings) ?? false }
    }

    /// Whether the field must have a value, or nil if that depends on an unknown field.
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
