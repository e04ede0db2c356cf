/// Why a command did not do its work: one code, and every problem it found.
///
/// Messages carry names and paths, never secret values; they may carry text from the vault as it is, because
/// `ErrorReport` escapes all of it.
struct Failure: Error, Equatable, Sendable {
    /// One thing that is wrong, and what to do about it.
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
        precondition(!problems.isEmpty, "a failure says at least one thing")
        self.code = code
        self.problems = problems
    }

    init(_ code: ExitCode, _ message: String, next: String? = nil) {
        self.init(code, problems: [Problem(message, next: next)])
    }
}
