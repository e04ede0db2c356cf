extension Connector {
    /// Normalizes the value of one field, independent of the other settings.
    ///
    /// It does not check whether a choice is available under the other settings; `validate(raw:secretsGiven:)` does.
    ///
    /// - Parameters:
    ///   - raw: The values as typed or pasted, one for each use of `--set`. A field that is not a list takes one. Each
    ///     value for a list is split at commas, semicolons and white space.
    ///   - field: The field.
    /// - Returns: The value to store, or what is wrong with the text.
    public func normalize(_ raw: [String], for field: Field) -> Result<SettingValue, Problem> {
        field.normalized(raw)
    }
}

extension Field {
    /// The most values of a list.
    private static let maximumItems = 200

    func normalized(_ raw: [String]) -> Result<SettingValue, Problem> {
        do throws(Problem) {
            return .success(try isList ? .list(list(of: raw)) : .text(text(of: raw)))
        } catch {
            return .failure(error)
        }
    }

    private func text(of raw: [String]) throws(Problem) -> String {
        guard raw.count <= 1 else { throw problem("\(key) was given \(raw.count) times", "give it once") }
        let value = try normalized(one: raw.first ?? "")
        guard !value.isEmpty else { throw empty }
        return value
    }

    private func list(of raw: [String]) throws(Problem) -> [String] {
        var values: [String] = []
        for text in raw {
            let parts = text.unicodeScalars.split { scalar in
                scalar == "," || scalar == ";" || scalar.properties.isWhitespace
            }
            for part in parts {
                let value = try normalized(one: String(part))
                guard !value.isEmpty, !values.contains(value) else { continue }
                values.append(value)
                guard values.count <= Field.maximumItems else {
                    throw problem("\(key) has too many values", "use at most \(Field.maximumItems)")
                }
            }
        }
        guard !values.isEmpty else { throw empty }
        return values
    }

    private func normalized(one raw: String) throws(Problem) -> String {
        // Normalizing can shorten a value, but a far longer one is not worth reading.
        guard raw.utf8.count <= maximumLength * 4 + 4096 else { throw tooLong }
        var value = isMultiline ? unixLines(String(raw.trimmed)) : String(raw.trimmed)
        guard !value.isEmpty else { return "" }
        try checkCharacters(value)
        if isClientReference {
            try Name.check(value)
            return value
        }
        for normalizer in normalizers { value = try normalizer.apply(value, field: key) }
        value = String(value.trimmed)
        guard value.count <= maximumLength else { throw tooLong }
        return choices.isEmpty ? value : try choice(value)
    }

    private func checkCharacters(_ value: String) throws(Problem) {
        let odd = value.unicodeScalars.first { scalar in
            scalar.isUnsafe && !(isMultiline && (scalar == "\n" || scalar == "\t"))
        }
        guard let odd else { return }
        if odd == "\n" || odd == "\r" { throw problem("\(key) has more than one line", "use one line") }
        throw problem("\(key) contains the invisible character \(odd.codePoint)", "remove it")
    }

    /// Returns the value of the choice with this value or label.
    private func choice(_ text: String) throws(Problem) -> String {
        let wanted = asciiLowercased(text)
        if let found = choices.first(where: { $0.value == text }) { return found.value }
        let found = choices.first {
            asciiLowercased($0.value) == wanted || asciiLowercased($0.label) == wanted
        }
        if let found { return found.value }
        throw problem("\(key) can't be '\(text)'", "use \(choices.map(\.value).alternatives)")
    }

    private var empty: Problem { problem("\(key) can't be empty", example.map { "for example \($0)" }) }

    private var tooLong: Problem {
        problem("\(key) can't be longer than \(maximumLength) characters", nil)
    }

    private func problem(_ message: String, _ hint: String?) -> Problem {
        Problem(field: key, message: message, hint: hint)
    }
}

private func unixLines(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar != "\r" { scalars.append(scalar) }
    return String(scalars)
}
