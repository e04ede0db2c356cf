extension Connector {
    /// What is stored of what was typed, pasted or given by `--set`, whatever the other settings are.
    ///
    /// Each of `raw` is one use of the setting. A list takes several, and splits each at commas, semicolons and
    /// white space. Whether a choice may be made under the other settings is `validate`'s to say.
    public func normalise(_ raw: [String], for field: Field) -> Result<SettingValue, Problem> {
        field.normalised(raw)
    }
}

extension Field {
    /// The most values that a list takes.
    static let maximumItems = 200

    func normalised(_ raw: [String]) -> Result<SettingValue, Problem> {
        do throws(Problem) {
            return .success(try isList ? .list(list(of: raw)) : .text(text(of: raw)))
        } catch {
            return .failure(error)
        }
    }

    private func text(of raw: [String]) throws(Problem) -> String {
        guard raw.count <= 1 else { throw problem("'\(key)' is given \(raw.count) times", "one value") }
        let value = try normalised(one: raw.first ?? "")
        guard !value.isEmpty else { throw problem("'\(key)' is empty", example) }
        return value
    }

    private func list(of raw: [String]) throws(Problem) -> [String] {
        var values: [String] = []
        for text in raw {
            let parts = text.unicodeScalars.split { scalar in
                scalar == "," || scalar == ";" || scalar.properties.isWhitespace
            }
            for part in parts {
                let value = try normalised(one: String(part))
                guard !value.isEmpty, !values.contains(value) else { continue }
                values.append(value)
                guard values.count <= Field.maximumItems else {
                    throw problem("'\(key)' has too many values", "at most \(Field.maximumItems)")
                }
            }
        }
        guard !values.isEmpty else { throw problem("'\(key)' is empty", example) }
        return values
    }

    private func normalised(one raw: String) throws(Problem) -> String {
        // Pasted white space and a scheme may be taken off; anything far longer is not worth looking at.
        guard raw.utf8.count <= maximumLength * 4 + 4096 else { throw tooLong }
        var value = isMultiline ? unixLines(String(raw.trimmed)) : String(raw.trimmed)
        guard !value.isEmpty else { return "" }
        try checkCharacters(value)
        if isClientReference {
            try Name.check(value)
            return value
        }
        for normaliser in normalisers { value = try normaliser.apply(value, field: key) }
        value = String(value.trimmed)
        guard value.count <= maximumLength else { throw tooLong }
        return choices.isEmpty ? value : try choice(value)
    }

    private func checkCharacters(_ value: String) throws(Problem) {
        let odd = value.unicodeScalars.first { scalar in
            scalar.isUnsafe && !(isMultiline && (scalar == "\n" || scalar == "\t"))
        }
        guard let odd else { return }
        if odd == "\n" || odd == "\r" { throw problem("'\(key)' has several lines", "one line") }
        throw problem("'\(key)' has the invisible character \(odd.codePoint)", "the same without it")
    }

    /// The value of the choice whose value or label this is.
    private func choice(_ text: String) throws(Problem) -> String {
        let wanted = asciiLowercased(text)
        if let found = choices.first(where: { $0.value == text }) { return found.value }
        let found = choices.first {
            asciiLowercased($0.value) == wanted || asciiLowercased($0.label) == wanted
        }
        if let found { return found.value }
        throw problem("\(key) does not take '\(text)'", "choose \(choices.map(\.value).alternatives)")
    }

    private var tooLong: Problem {
        problem("'\(key)' is longer than \(maximumLength) characters", nil)
    }

    private func problem(_ message: String, _ fits: String?) -> Problem {
        Problem(field: key, message: message, fits: fits)
    }
}

private func unixLines(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar != "\r" { scalars.append(scalar) }
    return String(scalars)
}
