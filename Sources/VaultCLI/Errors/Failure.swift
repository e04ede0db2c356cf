/// A command's failure: an exit code and one or more problems.
///
/// Messages hold names and paths, never secret values. They may hold unescaped text from the vault: `ErrorReport`
/// escapes it.
struct Failure: Error, Equatable, Sendable {
    /// What is wrong, and what to do about it.
    struct Problem: Equatable, Sendable {
        let message: String
        let next: String?

        init(_ message: String, next: String? = nil) {
            self.message = message
            self.next = next
        }
    }

    let code: ExitCode
    let problems: [Problem]

    init(_ code: ExitCode, problems: [Problem]) {
        precondition(!problems.isEmpty, "a failure has at least one problem")
        self.code = code
        self.problems = problems
    }

    init(_ code: ExitCode, _ message: String, next: String? = nil) {
        self.init(code, problems: [Problem(message, next: next)])
    }
}
