import Libc
import Testing
import VaultRegistry

@testable import VaultCLI

@Suite struct SecretSourceTests {
    @Test func `parses the four sources`() throws {
        #expect(try SecretSource(parsing: "prompt") == .prompt)
        #expect(try SecretSource(parsing: "stdin") == .stdin)
        #expect(try SecretSource(parsing: "fd:0") == .stdin)
        #expect(try SecretSource(parsing: "file:a=b:c") == .file("a=b:c"))
        #expect(try SecretSource(parsing: "fd:7") == .descriptor(7))
    }

    // cases 53, 54
    @Test(arguments: [
        ("hunter2", SecretSource.ParseError.literal), ("", .literal), ("-", .literal), ("STDIN", .literal),
        ("env:APP_KEY", .environment), ("file:", .noPath), ("fd:", .badDescriptor), ("fd:-1", .badDescriptor),
        ("fd:99999999999", .badDescriptor), ("fd:1", .outputDescriptor), ("fd:2", .outputDescriptor),
    ])
    func `rejects an invalid source with the reason`(_ text: String, _ misfit: SecretSource.ParseError) {
        #expect(throws: misfit) { try SecretSource(parsing: text) }
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
        let failure = try #require(SecretArguments.check(arguments))
        #expect(failure.code == .usage)
        #expect(!ErrorReport.json(failure).lowercased().contains("canary"))
        #expect(failure.problems[0].next?.contains("file:PATH") == true)
    }

    @Test func `reports every misplaced secret at once`() throws {
        let failure = try #require(
            SecretArguments.check(["--secret", "app-key=x1", "--secret", "ok=stdin", "--from", "x2"]))
        #expect(failure.problems.count == 2)
        #expect(failure.problems[0].message.hasPrefix("--secret app-key:"))
        #expect(failure.problems[0].next?.contains("in your shell's history") == true)
    }

    @Test func `accepts sources, and ignores a child's arguments`() {
        #expect(
            SecretArguments.check(["--secret", "app-key=stdin", "--from", "fd:3", "--from=prompt"]) == nil)
        #expect(SecretArguments.check(["exec", "X", "--", "curl", "--secret", "app-key=abc"]) == nil)
        #expect(SecretArguments.check(["--secret"]) == nil)
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
        #expect(throws: SecretReader.ReadError.self) { try fromFile(longest + "k") }
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
            #expect(throws: SecretReader.ReadError.notAFile(path)) {
                _ = try SecretReader.read(path: path, keepsNewline: false, warn: { _ in })
            }
        }
        #expect(throws: SecretReader.ReadError.unreadable("/nowhere", reason: "No such file or directory")) {
            _ = try SecretReader.read(path: "/nowhere", keepsNewline: false, warn: { _ in })
        }
    }

    // case 60: a file of this program is not a source
    @Test func `accepts only descriptors that the caller opened`() throws {
        #expect(throws: SecretReader.ReadError.notOpen(999)) {
            _ = try SecretReader.read(descriptor: 999, keepsNewline: false)
        }
        let own = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(own) }
        #expect(throws: SecretReader.ReadError.notOpen(own)) {
            _ = try SecretReader.read(descriptor: own, keepsNewline: false)
        }
    }

    @Test func `reports every impossible source of a command at once`() throws {
        let failure = #expect(throws: Failure.self) {
            _ = try SourceReader(
                [
                    SecretRequest(name: "app-key", source: .stdin),
                    SecretRequest(name: "client-secret", source: .stdin),
                    SecretRequest(name: "api-key", source: .descriptor(999)),
                    SecretRequest(name: "password", source: .prompt),
                ], noInput: true, stdinIsTerminal: false)
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
        let reader = try SourceReader([
            SecretRequest(name: "a", source: .file(path)),
            SecretRequest(name: "b", source: .descriptor(number)),
        ])
        #expect(reveal(try reader.read("a")) == "from a file")
        #expect(reveal(try reader.read("b")) == "from a pipe")
    }

    @Test(arguments: ["", "****", "Bearer app-key"])
    func `rejects a value that its field does not accept, when it is read`(value: String) throws {
        let field = try #require(Connector.builtIn(named: "celonis")?.field("app-key"))
        let request = field.request(.descriptor(try descriptor(holding: value)), of: "prod")
        let problem = #expect(throws: Problem.self) { _ = try SourceReader([request]).read("app-key") }
        #expect(problem?.field == "app-key")
    }

    private func fromPipe(_ content: String, keepsNewline: Bool = false) throws -> String {
        let number = try descriptor(holding: content)
        return reveal(try SecretReader.read(descriptor: number, keepsNewline: keepsNewline))
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
        return reveal(try SecretReader.read(path: path, keepsNewline: false, warn: warn))
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
