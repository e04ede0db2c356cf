import VaultCore
import VaultLedger

/// The result of a connection's test.
struct TestReport {
    let name: String
    let outcome: TestOutcome
    /// Whether the connection is stored only if the test passes.
    var isNew = false

    var json: JSON {
        var members: JSON.Members = [
            "name": .string(name), "result": .string(outcome.passed ? "passed" : "failed"), "schema": 1,
        ]
        members["status"] = outcome.status.map { .integer(Int64($0)) }
        members["why"] = outcome.why.map { .string($0) }
        members["next"] = outcome.next.map { .string($0) }
        return .object(members)
    }

    /// Writes the result.
    ///
    /// - Throws: A failure with exit code 3 if the test failed.
    func write(to context: Context) throws {
        guard outcome.passed || context.json else {
            let stored = isNew ? "; it was not stored" : ""
            throw Failure(
                .due, "the test of '\(name)' failed\(stored): \(outcome.why ?? "unexpected response")",
                next: outcome.next ?? "vault connection show '\(name)'")
        }
        try context.write(json) { try $0.line(SafeText.escaped("connection '\(name)' works")) }
        if !outcome.passed { throw ExitStatus(.due) }
    }
}

extension TestRecord {
    /// A short form for `list` and `show`.
    var text: String {
        isOutdated ? "changed since the test" : "\(outcome.passed ? "passed" : "failed"), \(time.text)"
    }

    var json: JSON {
        var members: JSON.Members = [
            "by": .string(by), "result": .string(outcome.passed ? "passed" : "failed"),
            "time": .string(time.text),
        ]
        members["status"] = outcome.status.map { .integer(Int64($0)) }
        members["why"] = outcome.why.map { .string($0) }
        if isOutdated { members["outdated"] = true }
        return .object(members)
    }
}

extension UseRecord {
    var text: String { "\(use), \(time.text) by \(by)" + (program.isEmpty ? "" : ", \(program)") }

    var json: JSON {
        var members: JSON.Members = ["by": .string(by), "time": .string(time.text), "use": .string(use)]
        if !program.isEmpty { members["program"] = .string(program) }
        return .object(members)
    }
}
