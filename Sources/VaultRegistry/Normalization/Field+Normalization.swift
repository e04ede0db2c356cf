extension Field {
    private static let maximumItems = 200

    /// Normalizes the value of the field, independent of the other settings.
    ///
    /// It does not check whether a choice is available under the other settings; `Connector.validate` does.
    ///
    /// - Parameter raw: The values as typed or pasted, one for each use of `--set`. A field that is not a list takes one.
    ///   Each value for a list is split at commas, semicolons and white space.
    /// - Returns: The value to store.
    /// - Throws: `Problem` if a text is not valid.
    public func normalized(_ raw: [String]) throws(Problem) -> SettingValue {
        try isList ? .list(list(of: raw)) : .text(text(of: raw))
    }

    private func text(of raw: [String]) throws(Problem) -> String {
        guard raw.count <= 1 else { throw problem("\(key) was given \(raw.count) times", "give it once") }
        let value = try normalized(one: raw.first ?? "")
        guard !value.isEmpty else { throw empty }
        return value
    }

    private func list(of raw: [String]) throws(Problem) -> [String] {
        let parts = raw.flatMap { text in
            text.unicodeScalars.split { $0 == "," || $0 == ";" || $0.properties.isWhitespace }
        }
        var values: [String] = []
        for part in parts {
            let value = try normalized(one: String(part))
            guard !value.isEmpty, !values.contains(value) else { continue }
            values.append(value)
            guard values.count <= Field.maximumItems else {
                throw problem("\(key) has too many values", "use at most \(Field.maximumItems)")
            }
        }
        guard !values.isEmpty else { throw empty }
        return values
    }

    private func normalized(one raw: String) throws(Problem) -> String {
        // Normalizing can shorten a value, but a far longer one is not worth reading.
        guard raw.utf8.count <= maximumLength * 4 + 4096 else { throw tooLong }
        var value = String(raw.trimmed)
        if isMultiline { value = String(value.unicodeScalars.filter { $0 != "\r" }) }
        guard !value.isEmpty else { return "" }
        try checkCharacters(value)
        if isClientReference {
            try Name.check(value)
            return value
        }
        for normalizer in normalizers {
            do { value = try normalizer.apply(value) } catch { throw problem(error.message, error.hint) }
        }
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

    private func choice(_ text: String) throws(Problem) -> String {
        let wanted = asciiLowercased(text)
        let found =
            choices.first { $0.value == text }
            ?? choices.first { [$0.value, $0.label].map(asciiLowercased).contains(wanted) }
        guard let found else {
            throw problem("\(key) can't be '\(text)'", "use \(choices.map(\.value).alternatives)")
        }
        return found.value
    }

    private var empty: Problem { problem("\(key) can't be empty", example.map { "for example \($0)" }) }

    private var tooLong: Problem {
        problem("\(key) can't be longer than \(maximumLength) characters", nil)
    }

    private func problem(_ message: String, _ hint: String?) -> Problem {
        Problem(message, hint, field: key)
    }
}
