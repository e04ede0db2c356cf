extension RecipeReader {
    func tests(_ file: MappingReader) -> [Recipe<TestRequest>] {
        recipes("tests", of: file) { node in
            let keys = ["when", "method", "path", "success", "failures"]
            guard let mapping = MappingReader(node, "a test", keys: keys, diagnostics: diagnostics)
            else { return nil }
            let method = mapping.text("method") ?? "GET"
            if !["GET", "HEAD", "POST", "OPTIONS"].contains(method) {
                diagnostics.error(
                    mapping.keyPosition("method"), "the method of a test must be GET, HEAD, POST or OPTIONS")
            }
            let path = mapping.requiredText("path")
            if mapping.has("path"), !path.hasPrefix("/"), !path.hasPrefix("{") {
                diagnostics.error(mapping.valuePosition("path"), "a path must begin with '/'")
            }
            let template = templates.read(
                mapping.node("path"), .noSecrets("paths end up in logs; use a header"))
            let success = statuses(mapping, "success")
            return Recipe(
                condition: condition(mapping),
                value: TestRequest(
                    method: method, path: template, success: success.isEmpty ? [.anySuccess] : success,
                    failures: mapping.items("failures").compactMap(failure)))
        }
    }

    private func failure(_ node: Node) -> TestRequest.Failure? {
        let keys = ["status", "body", "contains", "means", "next"]
        guard let mapping = MappingReader(node, "a failure", keys: keys, diagnostics: diagnostics)
        else { return nil }
        if !mapping.has("status") { _ = mapping.requiredText("status") }
        var body = TestRequest.Failure.Body.any
        if let text = mapping.text("contains") { body = .contains(text) }
        if let word = mapping.text("body") {
            if word != "empty" {
                diagnostics.error(
                    mapping.valuePosition("body"), "'body' must be 'empty'", "correct or remove it")
            } else if mapping.has("contains") {
                diagnostics.error(
                    mapping.keyPosition("contains"), "'contains' can't be combined with 'body: empty'")
            }
            body = .empty
        }
        return TestRequest.Failure(
            statuses: statuses(mapping, "status"), body: body, means: mapping.requiredText("means"),
            next: mapping.text("next"))
    }

    /// Reads `404`, `5xx`, or a list of them.
    private func statuses(_ mapping: MappingReader, _ key: String) -> [TestRequest.Statuses] {
        mapping.texts(key).compactMap { text, position in
            if let number = Int(text), (100...599).contains(number) {
                return TestRequest.Statuses(lowest: number, highest: number)
            }
            let digits = Array(text.utf8)
            if digits.count == 3, text.hasSuffix("xx"), (0x31...0x35).contains(digits[0]) {
                let hundreds = Int(digits[0] - 0x30) * 100
                return TestRequest.Statuses(lowest: hundreds, highest: hundreds + 99)
            }
            diagnostics.error(
                position, "invalid status '\(shown(text))'", "use a number such as 404, or 5xx")
            return nil
        }
    }
}
