import VaultCore
import VaultLedger

extension TestOutcome {
    /// Writes the result of a connection's test.
    ///
    /// - Parameter isNew: Whether the connection is stored only if the test passes.
    /// - Throws: A failure with exit code 3 if the test failed.
    func write(of name: String, isNew: Bool = false, to context: Context) throws {
        guard passed || context.json else {
            let stored = isNew ? "; it was not stored" : ""
            throw Failure(
                .due, "the test of '\(name)' failed\(stored): \(why ?? "unexpected response")",
                next: next ?? "vault connection show '\(name)'")
        }
        try context.write(
            ["name": name, "next": next, "result": result, "status": status, "why": why],
            lines: ["connection '\(name)' works"])
        if !passed { throw ExitStatus(.due) }
    }

    fileprivate var result: String { passed ? "passed" : "failed" }
}

extension TestRecord {
    /// A short form for `list` and `show`.
    var text: String { isOutdated ? "changed since the test" : "\(outcome.result), \(time.text)" }

    var json: JSONObject {
        var json: JSONObject = [
            "by": by, "result": outcome.result, "status": outcome.status, "time": time, "why": outcome.why,
        ]
        if isOutdated { json["outdated"] = true }
        return json
    }
}

extension UseRecord {
    var text: String { "\(use), \(time.text) by \(by)" + (program.isEmpty ? "" : ", \(program)") }

    var json: JSONObject {
        ["by": by, "program": program.isEmpty ? nil : program, "time": time, "use": use]
    }
}
