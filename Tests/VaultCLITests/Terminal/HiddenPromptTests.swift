import Testing

@testable import VaultCLI

/// These suites are serialized: a process has only one prompt.
@Suite(.serialized) struct TerminalPrompts {
    static let pasteStart = "\u{1B}[200~"
    static let pasteEnd = "\u{1B}[201~"
}

extension TerminalPrompts {
    @Suite(.serialized) struct Hidden {
        /// Starts a prompt on the terminal, and returns the answer.
        private func ask(_ pty: Pty, _ prompt: sending @escaping () -> HiddenPrompt) -> Task<
            Result<String, TerminalError>, Never
        > {
            let path = pty.path
            let made = Made(prompt)
            return Task.detached {
                do throws(TerminalError) {
                    let terminal = try Terminal(for: "it", path: path)
                    return .success(reveal(try made.prompt().ask(on: terminal)))
                } catch {
                    return .failure(error)
                }
            }
        }

        private struct Made: @unchecked Sendable {
            let prompt: () -> HiddenPrompt
            init(_ prompt: @escaping () -> HiddenPrompt) { self.prompt = prompt }
        }

        @Test func `shows nothing of the input, and restores the echo`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "App key") }
            try await pty.wait(for: "App key: ")
            #expect(!pty.echoes)
            try await pty.type("canary-1\r")
            #expect(await answer.value == .success("canary-1"))
            #expect(try await !pty.rest().contains("canary"))
            #expect(pty.echoes)
        }

        @Test func `erases characters, words and the line`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "Key") }
            try await pty.wait(for: "Key: ")
            try await pty.type("all wrong\u{15}keep thé\u{7F}is word\u{17}\u{17}x\u{1B}[D\u{1B}OAy\u{1B}z\r")
            #expect(await answer.value == .success("keep xyz"))
        }

        @Test func `accepts more than a terminal's line buffer`() async throws {
            let pty = try Pty()
            let long = String(repeating: "0123456789", count: 900)
            let answer = ask(pty) { HiddenPrompt(label: "Key") }
            try await pty.wait(for: "Key: ")
            try await pty.type(long)
            try await pty.type("\r")
            #expect(await answer.value == .success(long))
        }

        @Test func `rejects an answer that is too long as a whole`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "Key") }
            try await pty.wait(for: "Key: ")
            try await pty.type(pasteStart(String(repeating: "k", count: HiddenPrompt.limit + 1)))
            try await pty.wait(for: "bytes. Try again:")
            try await pty.wait(for: "Key: ")
            try await pty.type(pasteStart(String(repeating: "k", count: HiddenPrompt.limit)) + "\r")
            #expect(await answer.value == .success(String(repeating: "k", count: HiddenPrompt.limit)))
        }

        // case 65
        @Test func `accepts a bracketed paste without its brackets`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "Key") }
            let shown = try await pty.wait(for: "Key: ")
            #expect(shown.contains("\u{1B}[?2004h"))
            try await pty.type(pasteStart("abc\u{1B}[31mdef\n"))
            try await pty.type("\r")
            #expect(await answer.value == .success("abc\u{1B}[31mdef"))
            #expect(try await pty.rest().contains("\u{1B}[?2004l"))
        }

        // case 65
        @Test(arguments: [
            TerminalPrompts.pasteStart + "one\rtouch /tmp/two\r" + TerminalPrompts.pasteEnd,
            "one\rtouch /tmp/two\r",
        ])
        func `rejects a paste of several lines as a whole, and leaves none of it for the shell`(
            _ paste: String
        ) async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "Key") }
            try await pty.wait(for: "Key: ")
            try await pty.type(paste)
            try await pty.wait(for: "only one line is allowed")
            try await pty.wait(for: "Key: ")
            try await pty.type("\u{04}")
            #expect(await answer.value == .failure(.canceled))
            #expect(!pty.waitsForShell())
        }

        // case 65
        @Test func `accepts a paste of several lines into a multiline field`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "Private key", lines: .several) }
            try await pty.wait(for: "end with ^D on an empty line): ")
            try await pty.type(pasteStart("-----BEGIN-----\r\n\r\nMIIB\r-----END-----\n") + "\u{04}")
            #expect(await answer.value == .success("-----BEGIN-----\n\nMIIB\n-----END-----"))
            #expect(!pty.waitsForShell())
        }

        @Test func `shows help and asks again`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "Key", help: { "Profile\n\u{1B}[2Jkeys" }) }
            try await pty.wait(for: "Key (? for help): ")
            try await pty.type("?\r")
            try await pty.wait(for: "  Profile\r\n  \\u{1B}[2Jkeys\r\n")
            try await pty.wait(for: "Key (? for help): ")
            try await pty.type("??\r")
            #expect(await answer.value == .success("??"))
        }

        @Test func `asks for a new secret twice`() async throws {
            let pty = try Pty()
            let answer = ask(pty) { HiddenPrompt(label: "New passphrase", confirms: true) }
            for second in ["other", "right"] {
                try await pty.wait(for: "New passphrase: ")
                try await pty.type("right\r")
                try await pty.wait(for: "New passphrase, again: ")
                try await pty.type(second + "\r")
                if second == "other" { try await pty.wait(for: "don't match") }
            }
            #expect(await answer.value == .success("right"))
        }

        // case 64
        @Test func `needs a terminal, and no --no-input`() {
            for (path, noInput) in [("/dev/null", false), ("/nowhere", false), ("/dev/tty", true)] {
                #expect(throws: TerminalError.noTerminal(what: "app-key")) {
                    _ = try Terminal(for: "app-key", noInput: noInput, path: path)
                }
            }
        }

        private func pasteStart(_ text: String) -> String {
            TerminalPrompts.pasteStart + text + TerminalPrompts.pasteEnd
        }
    }
}
