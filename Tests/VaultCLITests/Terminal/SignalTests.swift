import CPlatform
import Libc
import Testing
import VaultMemory

@testable import VaultCLI

/// Prompts on the controlling terminal of a new session, and exits like the program.
private func askInNewSession(_ path: String) -> Never {
    setsid()
    let controlling = unsafe open(path, O_RDWR)
    guard controlling >= 0 else { exit(90) }
    askAndEnd(controlling)
}

private func askAndEnd(_ controlling: Int32) -> Never {
    Descriptor.writeBestEffort("pid \(getpid())\n", to: controlling)
    do throws(TerminalError) {
        let terminal = try Terminal(for: "key")
        let secret = try HiddenPrompt(label: "Key").ask(on: terminal)
        exit(reveal(secret) == "typed" ? 0 : 91)
    } catch {
        exit(error.failure.code.rawValue)
    }
}

extension TerminalPrompts {
    // case 63
    @Suite(.serialized) struct Signals {
        /// ^C discards typed input, so a key can vanish between the wait and the read.
        @Test(.timeLimit(.minutes(1)))
        func `does not wait for a discarded key`() throws {
            let pty = try Pty()
            let terminal = try Terminal(for: "it", path: pty.path)
            try #require(platform_prompt_enter(terminal.descriptor, 0, 1) == 0)
            defer { platform_prompt_leave(1) }
            var byte: UInt8 = 0
            #expect(unsafe platform_prompt_read(&byte) == -2)
            try #require(unsafe write(pty.master, "k", 1) == 1)
            #expect(platform_prompt_wait(1_000) == 0)
            #expect(unsafe platform_prompt_read(&byte) == 1)
            #expect(byte == UInt8(ascii: "k"))
            #expect(fcntl(terminal.descriptor, F_GETFL) & O_NONBLOCK == 0)
        }

        @Test(.timeLimit(.minutes(1)))
        func `exits with 130 on ^C, and restores the echo`() async throws {
            let pty = try Pty()
            async let driven: Void = {
                try await pty.wait(for: "Key: ")
                #expect(!pty.echoes)
                try await pty.type("half\u{03}")
            }()
            await #expect(processExitsWith: .exitCode(130)) { [path = pty.path as String] in
                askInNewSession(path)
            }
            try await driven
            #expect(pty.echoes)
            #expect(try await pty.rest().contains("\u{1B}[?2004l"))
        }

        @Test(.timeLimit(.minutes(1)))
        func `ends on the quit key, and restores the echo`() async throws {
            let pty = try Pty()
            async let driven: Void = {
                try await pty.wait(for: "Key: ")
                try await pty.type("half\u{1C}")
            }()
            await #expect(processExitsWith: .signal(SIGQUIT)) { [path = pty.path as String] in
                ProcessHardening.apply()
                askInNewSession(path)
            }
            try await driven
            #expect(pty.echoes)
        }

        @Test(.timeLimit(.minutes(1)), arguments: [SIGTERM, SIGHUP])
        func `ends on a signal, and restores the echo`(_ signal: Int32) async throws {
            let pty = try Pty()
            async let driven: Void = {
                let shown = try await pty.wait(for: "Key: ")
                try kill(pid(in: shown), signal)
            }()
            await #expect(processExitsWith: .signal(signal)) { [path = pty.path as String] in
                askInNewSession(path)
            }
            try await driven
            #expect(pty.echoes)
        }

        @Test(.timeLimit(.minutes(1)))
        func `stops on ^Z with the echo restored, and asks again without echo`() async throws {
            let pty = try Pty()
            async let driven: Void = {
                try await pty.wait(for: "Key: ")
                try await pty.type("half\u{1A}")
                try await pty.wait(for: "stopped")
                #expect(pty.echoes)
                try await pty.type("\r")
                try await pty.wait(for: "Key: ")
                #expect(!pty.echoes)
                try await pty.type("typed\r")
            }()
            await #expect(processExitsWith: .exitCode(0)) { [path = pty.path as String] in
                setsid()
                let controlling = unsafe open(path, O_RDWR)
                superviseAsShell(controlling)
            }
            try await driven
            #expect(pty.echoes)
        }

        private func pid(in shown: String) throws -> pid_t {
            let words = shown.split { $0 == " " || $0 == "\n" || $0 == "\r\n" }
            let index = try #require(words.firstIndex(of: "pid"))
            return try #require(pid_t(words[index + 1]))
        }
    }
}

/// Acts as a shell: a process group for the job, the terminal, and `fg` when it stops.
private func superviseAsShell(_ controlling: Int32) -> Never {
    typealias Fork = @convention(c) () -> pid_t
    guard let symbol = unsafe dlsym(nil, "fork") else { exit(92) }
    let child = unsafe unsafeBitCast(symbol, to: Fork.self)()
    if child == 0 {
        setpgid(0, 0)
        while tcgetpgrp(controlling) != getpid() { usleep(1_000) }
        askAndEnd(controlling)
    }
    setpgid(child, child)
    tcsetpgrp(controlling, child)
    var status: Int32 = 0
    guard unsafe waitpid(child, &status, WUNTRACED) == child, status & 0xFF == 0x7F else { exit(93) }
    Descriptor.writeBestEffort("stopped", to: controlling)
    usleep(200_000)
    kill(-child, SIGCONT)
    guard unsafe waitpid(child, &status, 0) == child, status & 0x7F == 0 else { exit(94) }
    exit((status >> 8) & 0xFF)
}
