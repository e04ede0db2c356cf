import Foundation
import Testing

/// The program on a terminal, under a shell that outlives it, so that the terminal can be examined afterwards.
final class Session: Sendable {
    let pty: Pty
    private let running: Running

    init(_ sandbox: Sandbox, _ arguments: String..., environment: [String: String] = [:]) throws {
        pty = try Pty()
        // The shell ignores ^C; the program gets it as usual.
        let script = """
            trap : INT HUP QUIT TERM
            vault "$@"
            printf '\\nleft %s.\\n' $? >/dev/tty
            read -r line
            """
        let variables = sandbox.named.merging(["TERM": "dumb"]) { $1 }.merging(environment) { $1 }
        var program = Launch(
            path: "/bin/sh", arguments: ["sh", "-c", script, "sh"] + arguments,
            environment: variables.filter { !$0.value.isEmpty })
        program.terminal = pty.path
        running = try program.start()
    }

    /// Waits for a prompt, and types an answer and Enter.
    ///
    /// - Returns: The screen up to the prompt.
    @discardableResult
    func answer(_ question: String, _ text: String) async throws -> String {
        let screen = try await pty.wait(for: question)
        try await pty.type(text + "\r")
        return screen
    }

    /// Waits for a prompt, and presses one key.
    func press(_ question: String, _ key: String) async throws {
        try await pty.wait(for: question)
        try await pty.type(key)
    }

    /// Waits for the program's end, checks the terminal, and ends the shell.
    ///
    /// - Returns: The exit status, the screen since the last prompt, stdout and stderr.
    func end() async throws -> (status: Int32, screen: String, text: String, errorText: String) {
        let screen = try await pty.wait(for: "left ")
        let number = try await pty.wait(for: ".\r\n").prefix { $0.isNumber }
        #expect(pty.echoes)
        try await pty.type("\r")
        let outcome = try await running.outcome()
        return (Int32(number) ?? -1, screen, outcome.text, outcome.errorText)
    }
}
