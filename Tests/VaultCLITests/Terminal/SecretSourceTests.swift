import Libc
import Testing
import VaultMemory
import VaultRegistry

@testable import VaultCLI

@Suite struct SecretSourceTests {
    @Test func `parses the four sources`() throws {
        #expect(try source("prompt") == .prompt)
        #expect(try source("stdin") == .stdin)
        #expect(try source("fd:0") == .stdin)
        #expect(try source("file:a=b:c") == .file("a=b:c"))
        #expect(try source("fd:7") == .descriptor(7))
    }

    private func source(_ text: String) throws -> SecretSource { try SecretSource(text, option: "--from") }

    // cases 53, 54
    @Test(arguments: [
        ("hunter2", "a secret can't be an argument, because"), ("", "a secret can't be an argument, because"),
        ("-", "a secret can't be an argument, because"), ("STDIN", "a secret can't be an argument, because"),
        ("env:APP_KEY", "a secret can't come from the environment, because"),
        ("file:", "file: needs a path"), ("fd:", "fd: needs the number of an open file"),
        ("fd:-1", "fd: needs the number of an open file"), ("fd:00", "fd: needs the number of an open file"),
        ("fd:99999999999", "fd: needs the number of an open file"),
        ("fd:1", "descriptors 1 and 2 are for output"), ("fd:2", "descriptors 1 and 2 are for output"),
    ])
    func `rejects an invalid source with the reason`(_ text: String, _ reason: String) throws {
        let error = #expect(throws: Failure.self) { try source(text) }
        let failure = try #require(error)
        #expect(failure.code == .usage)
        #expect(failure.problems.count == 1)
        #expect(failure.problems[0].message.hasPrefix("--from: \(reason)"))
        #expect(failure.problems[0].next?.hasPrefix("use --from ") == true)
    }

    // cases 53, 54
    @Test(arguments: [
        ["secret", "set", "X", "app-key", "--from", "canary-1"],
        ["secret", "set", "X", "app-key", "--from=canary-1"],
        ["connection", "create", "--secret", "app-key=canary-1"],
        ["connection", "create", "--secret=app-key=canary-1"],
        ["connection", "create", "--secret", "canary-1"],
        ["connection", "create", "--secret", "Canary-1="],
        ["unlock", "--passphrase-from", "canary-1"],
        ["unlock", "--passphrase-from", "env:canary-1"],
    ])
    func `rejects a secret among the arguments without repeating it`(_ arguments: [String]) throws {
        let failure = try #require(SecretSource.failure(in: arguments))
        #expect(failure.code == .usage)
        #expect(!ErrorReport.json(failure).lowercased().contains("canary"))
        #expect(failure.problems[0].next?.contains("file:PATH") == true)
    }

    @Test func `reports every misplaced secret at once`() throws {
        let failure = try #require(
            SecretSource.failure(in: ["--secret", "app-key=x1", "--secret", "ok=stdin", "--from", "x2"]))
        #expect(failure.problems.count == 2)
        #expect(failure.problems[0].message.hasPrefix("--secret app-key:"))
        #expect(failure.problems[0].next?.contains("in your shell's history") == true)
    }

    @Test func `accepts sources, and ignores a child's arguments`() {
        #expect(
            SecretSource.failure(in: ["--secret", "app-key=stdin", "--from", "fd:3", "--from=prompt"]) == nil)
        #expect(SecretSource.failure(in: ["exec", "X", "--", "curl", "--secret", "app-key=abc"]) == nil)
        #expect(SecretSource.failure(in: ["--secret"]) == nil)
    }

    @Test(arguments: [
        ("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), ("abc", "abc"), ("\n", ""), ("", ""),
        ("a\0b\r", "a\0b\r"),
    ])
    func `removes one final newline`(_ content: String, _ secret: String) throws {
        #expect(try fromPipe(content) == secret)
        #expect(try fromPipe(content, keepsNewline: true) == content)
    }

    @Test func `reads at most the limit`() throws {
        let longest = String(repeating: "k", count: HiddenPrompt.limit)
        #expect(try fromFile(longest) == longest)
        let problem = #expect(throws: Failure.Problem.self) { try fromFile(longest + "k") }
        #expect(problem?.message.hasSuffix(" is longer than \(HiddenPrompt.limit) bytes") == true)
    }

    @Test func `warns when others can read a file`() throws {
        var warnings: [String] = []
        #expect(try fromFile("x\n", mode: 0o644, warn: { warnings.append($0) }) == "x")
        #expect(warnings.count == 1)
        #expect(try fromFile("x\n", warn: { warnings.append($0) }) == "x")
        #expect(warnings.count == 1)
    }

    @Test func `rejects directories, devices and missing files`() {
        for path in ["/tmp", "/dev/zero"] {
            #expect(throws: Failure.Problem("\(path) is not a regular file or a pipe", next: "name a file")) {
                _ = try SecretSource.file(path).read(keepsNewline: false)
            }
        }
        let missing = #expect(throws: Failure.Problem.self) {
            _ = try SecretSource.file("/nowhere").read(keepsNewline: false)
        }
        #expect(missing?.message == "can't read /nowhere: No such file or directory")
    }

    // case 60: a file of this program is not a source
    @Test func `accepts only descriptors that the caller opened`() throws {
        #expect(throws: SecretSource.notOpen(999)) {
            _ = try SecretSource.descriptor(999).read(keepsNewline: false)
        }
        let own = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(own) }
        #expect(throws: SecretSource.notOpen(own)) {
            _ = try SecretSource.descriptor(own).read(keepsNewline: false)
        }
    }

    @Test func `reports every impossible source of a command at once`() throws {
        let failure = #expect(throws: Failure.self) {
            _ = try CommandSecrets(
                Context(GlobalValues(noInput: true)),
                [
                    SecretRequest(name: "app-key", source: .stdin),
                    SecretRequest(name: "client-secret", source: .stdin),
                    SecretRequest(name: "api-key", source: .descriptor(999)),
                    SecretRequest(name: "password", source: .prompt),
                ], stdinIsTerminal: false)
        }
        let messages = try #require(failure).problems.map(\.message)
        #expect(messages.count == 3)
        #expect(messages[0].contains("app-key and client-secret"))
        #expect(messages[1].hasPrefix("api-key: fd:999"))
        #expect(messages[2].hasPrefix("can't prompt for password"))
    }

    @Test func `reads each secret from its source`() throws {
        let path = try write("from a file\n", mode: 0o600)
        defer { unsafe unlink(path) }
        let number = try descriptor(holding: "from a pipe\n")
        let secrets = try CommandSecrets(
            Context(GlobalValues()),
            [
                SecretRequest(name: "a", source: .file(path)),
                SecretRequest(name: "b", source: .descriptor(number)),
            ])
        #expect(reveal(try secrets.read("a").bytes) == "from a file")
        #expect(reveal(try secrets.read("b").bytes) == "from a pipe")
    }

    @Test(arguments: ["", "****", "Bearer app-key"])
    func `rejects a value that its field does not accept, when it is read`(value: String) throws {
        let field = try #require(Connector.builtIn(named: "celonis")?.field("app-key"))
        let request = field.request(.descriptor(try descriptor(holding: value)), of: "prod")
        let secrets = try CommandSecrets(Context(GlobalValues()), [request])
        let problem = #expect(throws: Problem.self) { _ = try secrets.read("app-key") }
        #expect(problem?.field == "app-key")
    }

    private func fromPipe(_ content: String, keepsNewline: Bool = false) throws -> String {
        let number = try descriptor(holding: content)
        return try read(.descriptor(number), keepsNewline)
    }

    private func descriptor(holding content: String) throws -> Int32 {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        Descriptor.writeBestEffort(content, to: ends[1])
        close(ends[1])
        return ends[0]
    }

    private func fromFile(
        _ content: String, mode: mode_t = 0o600, warn: (String) -> Void = { _ in }
    ) throws -> String {
        let path = try write(content, mode: mode)
        defer { unsafe unlink(path) }
        return try read(.file(path), false, warn)
    }

    private func read(
        _ source: SecretSource, _ keepsNewline: Bool, _ warn: (String) -> Void = { _ in }
    ) throws -> String {
        guard let secret = try source.read(keepsNewline: keepsNewline, warn: warn) else { return "a prompt" }
        return reveal(secret)
    }

    private func write(_ content: String, mode: mode_t) throws -> String {
        var template = Array("/tmp/vault-source-XXXXXX\0".utf8.map(CChar.init))
        let number = unsafe mkstemp(&template)
        try #require(number >= 0)
        defer { close(number) }
        Descriptor.writeBestEffort(content, to: number)
        fchmod(number, mode)
        return String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    }
}
