extension RecipeReader {
    func tests(_ section: Section) -> [Recipe<TestRequest>] {
        recipes("tests", of: section) { node in
            let keys = ["when", "method", "path", "success", "failures"]
            guard let section = Section(node, "a test", keys: keys, notes: notes) else { return nil }
            let method = section.text("method") ?? "GET"
            if !["GET", "HEAD", "POST", "OPTIONS"].contains(method) {
                notes.error(section.spot("method"), "a test is a GET, HEAD, POST or OPTIONS request")
            }
            let path = section.requiredText("path")
            if section.has("path"), !path.hasPrefix("/"), !path.hasPrefix("{") {
                notes.error(section.node("path")?.spot ?? section.spot, "a path begins with '/'")
            }
            let template = templates.read(
                section.node("path"), .noSecrets("addresses end up in logs; use a header"))
            let success = statuses(section, "success")
            return Recipe(
                condition: ConditionReader(notes: notes, fields: fields).read(section.node("when")),
                what: TestRequest(
                    method: method, path: template, success: success.isEmpty ? [.anySuccess] : success,
                    failures: section.items("failures").compactMap(failure)))
        }
    }

    private func failure(_ node: Node) -> TestRequest.Failure? {
        let keys = ["status", "body", "contains", "means", "next"]
        guard let section = Section(node, "a failure", keys: keys, notes: notes) else { return nil }
        if !section.has("status") { _ = section.requiredText("status") }
        var body = TestRequest.Failure.Body.any
        if let text = section.text("contains") { body = .contains(text) }
        if let word = section.text("body") {
            if word != "empty" {
                notes.error(section.node("body")?.spot ?? section.spot, "'body' is 'empty', or left out")
            } else if section.has("contains") {
                notes.error(section.spot("contains"), "an empty body contains nothing")
            }
            body = .empty
        }
        return TestRequest.Failure(
            statuses: statuses(section, "status"), body: body, means: section.requiredText("means"),
            next: section.text("next"))
    }

    /// `404`, `5xx`, or a list of them.
    private func statuses(_ section: Section, _ key: String) -> [TestRequest.Statuses] {
        section.texts(key).compactMap { text, spot in
            if let number = Int(text), (100...599).contains(number) {
                return TestRequest.Statuses(lowest: number, highest: number)
            }
            let digits = Array(text.utf8)
            if digits.count == 3, text.hasSuffix("xx"), (0x31...0x35).contains(digits[0]) {
                let hundreds = Int(digits[0] - 0x30) * 100
                return TestRequest.Statuses(lowest: hundreds, highest: hundreds + 99)
            }
            notes.error(spot, "'\(shown(text))' is not a status", "a number such as 404, or 5xx")
            return nil
        }
    }
}
