import VaultLedger

/// Writes errors, warnings and notes to stderr.
///
/// As text: `vault: error: …` followed by `vault: next: …`, a pair for each problem. With `--json`: one line,
/// `{"error":{"code":N,"message":…,"next":…}}` with the first problem, and `"problems":[…]` with all of them when there
/// are several. Every message is escaped to one line (cases 52, 66).
enum ErrorReport {
    /// Writes the failure to stderr.
    static func write(_ failure: Failure, json: Bool, style: Style = Style(for: 2)) {
        print(json ? self.json(failure) : text(failure, style: style))
    }

    /// Writes a warning: `vault: warning: …`.
    static func warn(_ message: String) { note("warning: " + message) }

    /// Writes a note: `vault: …`.
    static func note(_ message: String) { print("vault: \(SafeText.escaped(message))\n") }

    private static func print(_ text: String) {
        Progress.erase()
        Descriptor.writeBestEffort(text)
    }

    /// The failure as text.
    static func text(_ failure: Failure, style: Style = .plain) -> String {
        var text = ""
        for problem in failure.problems {
            text += "vault: \(style.red("error:")) \(SafeText.escaped(problem.message))\n"
            if let next = problem.next { text += "vault: \(style.bold("next:")) \(SafeText.escaped(next))\n" }
        }
        return text
    }

    /// The failure as one line of JSON.
    static func json(_ failure: Failure) -> String {
        var error = members(of: failure.problems[0])
        error["code"] = .integer(Int64(failure.code.rawValue))
        var whole: JSON.Members = ["error": .object(error)]
        if failure.problems.count > 1 {
            whole["problems"] = .array(failure.problems.map { .object(members(of: $0)) })
        }
        return JSON.object(whole).safeText + "\n"
    }

    private static func members(of problem: Failure.Problem) -> JSON.Members {
        ["message": .string(problem.message), "next": problem.next.map(JSON.string) ?? .null]
    }
}
