/// A command's failure: an exit code and one or more problems.
///
/// Messages hold names and paths, never secret values. They may hold unescaped text from the vault: `ErrorReport`
/// escapes it.
struct Failure: Error, Equatable, Sendable {
    /// What is wrong, and what to do about it.
    struct Problem: Error, Equatable, Sendable {
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

    /// The failure with a next step for its problem.
    func next(_ step: String) -> Failure { Failure(code, problems[0].message, next: step) }
}

/// Failures with one problem; `next(_:)` adds its step.
extension Failure {
    static func alreadyExists(_ message: String) -> Failure { Failure(.alreadyExists, message) }
    static func busy(_ message: String) -> Failure { Failure(.busy, message) }
    static func damaged(_ message: String) -> Failure { Failure(.damaged, message) }
    static func execFailed(_ message: String) -> Failure { Failure(.execFailed, message) }
    static func locked(_ message: String) -> Failure { Failure(.locked, message) }
    static func notExecutable(_ message: String) -> Failure { Failure(.notExecutable, message) }
    static func notFound(_ message: String) -> Failure { Failure(.notFound, message) }
    static func refused(_ message: String) -> Failure { Failure(.refused, message) }
    static func unexpected(_ message: String) -> Failure { Failure(.unexpected, message) }
    static func usage(_ message: String) -> Failure { Failure(.usage, message) }
    static func wrongKey(_ message: String) -> Failure { Failure(.wrongKey, message) }
}

/// Checks the arguments of a command.
///
/// - Throws: A usage failure unless the condition holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String, next: String) throws {
    guard condition else { throw Failure(.usage, message(), next: next) }
}
