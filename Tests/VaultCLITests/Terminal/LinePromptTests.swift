import Testing

@testable import VaultCLI

extension TerminalPrompts {
    @Suite(.serialized) struct Visible {
        private func ask<Answer: Sendable>(
            _ pty: Pty,
            _ body: @Sendable @escaping (borrowing Terminal) throws(TerminalError) -> Answer
        ) -> Task<Result<Answer, TerminalError>, Never> {
            let path = pty.path
            return Task.detached {
                do throws(TerminalError) {
                    let terminal = try Terminal(for: "it", path: path)
                    return .success(try body(terminal))
                } catch {
                    return .failure(error)
                }
            }
        }

        @Test func `echoes input, and erases on backspace`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { terminal throws(TerminalError) in
                try LinePrompt(label: "Domain").ask(on: terminal)
            }
            try await pty.wait(for: "Domain: ")
            try await pty.type("aé日")
            try await pty.wait(for: "日")
            try await pty.type("\u{7F}")
            try await pty.wait(for: "\u{8} \u{8}\u{8} \u{8}")
            try await pty.type("b\r")
            #expect(await answer.value == .success("aéb"))
        }

        @Test func `accepts a number or a name, and suggests the nearest choice`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { terminal throws(TerminalError) in
                let choices = [
                    LinePrompt.Choice("custom", title: "app key"), .init("token"), .init("oauth2"),
                ]
                let first = try LinePrompt(label: "Auth", choices: choices).ask(on: terminal)
                let second = try LinePrompt(label: "Auth", defaultValue: "token", choices: choices).ask(
                    on: terminal)
                let third = try LinePrompt(label: "Auth", choices: choices).ask(on: terminal)
                return [first, second, third]
            }
            try await pty.wait(for: "Auth: ")
            try await pty.type("3\r")
            try await pty.wait(for: "Auth [token]: ")
            try await pty.type("\r")
            try await pty.wait(for: "Auth: ")
            try await pty.type("custum\r")
            try await pty.wait(for: "Did you mean custom?")
            try await pty.wait(for: "Auth: ")
            try await pty.type("CUSTOM\r")
            #expect(await answer.value == .success(["oauth2", "token", "custom"]))
        }

        @Test func `collects a list from commas, lines and a paste of lines`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { terminal throws(TerminalError) in
                try LinePrompt(label: "Scopes").askList(on: terminal)
            }
            try await pty.wait(for: "end with an empty line): ")
            try await pty.type("a, b,\r")
            try await pty.wait(for: "next: ")
            try await pty.type(
                TerminalPrompts.pasteStart + "c\rd\r" + TerminalPrompts.pasteEnd + "\re\rb\r\r")
            #expect(await answer.value == .success(["a", "b", "c", "d", "e"]))
        }

        // case 65
        @Test func `rejects a paste of several lines`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { terminal throws(TerminalError) in
                try LinePrompt(label: "Name").ask(on: terminal)
            }
            try await pty.wait(for: "Name: ")
            try await pty.type("good\rtouch /tmp/x\r")
            try await pty.wait(for: "only one line is allowed")
            try await pty.wait(for: "Name: ")
            try await pty.type("good\r")
            #expect(await answer.value == .success("good"))
            #expect(!pty.waitsForShell())
        }

        // case 66
        @Test func `escapes the input and the prompt`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { terminal throws(TerminalError) in
                try LinePrompt(label: "N\u{202E}", defaultValue: "\u{1B}[2J").ask(on: terminal)
            }
            try await pty.wait(for: "N\\u{202E} [\\u{1B}[2J]: ")
            try await pty.type("x\u{202E}y")
            try await pty.wait(for: "x\\u{202E}y")
            try await pty.type("\r")
            #expect(await answer.value == .success("x\u{202E}y"))
        }
    }
}
