// Reads the test requests of a connector.
extension MappingReader {
    func tests() -> [Recipe<TestRequest>] {
        recipes("tests", "a test", keys: ["when", "method", "path", "success", "failures"]) { test in
            let method = test.text("method") ?? "GET"
            if !["GET", "HEAD", "POST", "OPTIONS"].contains(method) {
                test.reject(key: "method", "the method of a test must be GET, HEAD, POST or OPTIONS")
            }
            let path = test.requiredText("path")
            if test.has("path"), !path.hasPrefix("/"), !path.hasPrefix("{") {
                test.reject(value: "path", "a path must begin with '/'")
            }
            let success = test.statuses("success")
            let failures = test.mappings(
                "failures", "a failure", keys: ["status", "body", "contains", "means", "next"])
            return TestRequest(
                method: method,
                path: test.template("path", noSecrets: "paths end up in logs; use a header"),
                success: success.isEmpty ? [200...299] : success, failures: failures.map { $0.failure() })
        }
    }

    private func failure() -> TestRequest.Failure {
        require("status")
        var body = text("contains").map { TestRequest.Failure.Body.contains($0) } ?? .any
        if let word = text("body") {
            if word != "empty" {
                reject(value: "body", "'body' must be 'empty'", "correct or remove it")
            } else if has("contains") {
                reject(key: "contains", "'contains' can't be combined with 'body: empty'")
            }
            body = .empty
        }
        return TestRequest.Failure(
            statuses: statuses("status"), body: body, means: requiredText("means"), next: text("next"))
    }

    /// Reads `404`, `5xx`, or a list of them.
    private func statuses(_ key: String) -> [ClosedRange<Int>] {
        texts(key).compactMap { text, position in
            if let number = Int(text), (100...599).contains(number) { return number...number }
            let digits = Array(text.utf8)
            if digits.count == 3, text.hasSuffix("xx"), (0x31...0x35).contains(digits[0]) {
                let hundreds = Int(digits[0] - 0x30) * 100
                return hundreds...hundreds + 99
            }
            diagnostics.error(
                position, "invalid status '\(shown(text))'", "use a number such as 404, or 5xx")
            return nil
        }
    }
}
