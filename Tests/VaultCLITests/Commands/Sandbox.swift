import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A folder of a test's own with everything a user has: a home, temporary files, a vault's place, a key file's place.
final class Sandbox: Sendable {
    let folder: String
    /// All that the program finds in its environment.
    let environment: [String: String]

    init() throws {
        let made = URL(filePath: NSTemporaryDirectory()).appending(path: "vault-\(UUID().uuidString)")
        for name in ["", "home", "tmp", "v"] {
            try FileManager.default.createDirectory(
                at: made.appending(path: name), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        folder = made.path
        environment = [
            "HOME": "\(made.path)/home", "LC_ALL": "C.UTF-8", "PWD": made.path, "TMPDIR": "\(made.path)/tmp",
            "PATH": "\(Binary.folder):" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "XDG_CONFIG_HOME": "\(made.path)/home/config", "XDG_DATA_HOME": "\(made.path)/home/data",
            "XDG_STATE_HOME": "\(made.path)/home/state",
        ]
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// The environment of a user whose vault and key file are named.
    var named: [String: String] {
        environment.merging(["VAULT_FILE": "\(folder)/v/vault.db", "VAULT_KEY_FILE": "\(folder)/ana.key"]) {
            $1
        }
    }

    /// A sandbox with a vault of the admin ana, unlocked by a key file.
    static func withVault() async throws -> Sandbox {
        let sandbox = try Sandbox()
        let made = try await sandbox.vault("init", "--member", "ana", "--no-recovery")
        try #require(made.status == 0, "\(made.errorText)")
        return sandbox
    }

    /// The program with these arguments; without a terminal, unless one is named. An empty variable is none.
    func program(
        _ arguments: [String], input: String? = nil, descriptors: [Int32: String] = [:],
        environment: [String: String] = [:], terminal: String? = nil
    ) -> Launch {
        Launch(
            path: Binary.path, arguments: ["vault"] + arguments,
            environment: named.merging(environment) { $1 }.filter { !$0.value.isEmpty },
            input: input.map { Array($0.utf8) }, descriptors: descriptors.mapValues { Array($0.utf8) },
            terminal: terminal)
    }

    @discardableResult
    func vault(
        _ arguments: String..., input: String? = nil, descriptors: [Int32: String] = [:],
        environment: [String: String] = [:]
    ) async throws -> Launch.Outcome {
        let program = program(arguments, input: input, descriptors: descriptors, environment: environment)
        return try await program.start().outcome()
    }

    /// A script of `/bin/sh`, with `vault` on its PATH.
    @discardableResult
    func shell(_ script: String, environment: [String: String]? = nil) async throws -> Launch.Outcome {
        let program = Launch(
            path: "/bin/sh", arguments: ["sh", "-c", "cd '\(folder)'\n" + script],
            environment: environment ?? named)
        return try await program.start().outcome()
    }

    func write(_ text: String, to name: String, mode: Int = 0o600) throws {
        let path = "\(folder)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }

    /// Waits until a file is there.
    func appears(_ name: String, _ location: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<3_000 where !exists(name) { try await Task.sleep(for: .milliseconds(10)) }
        try #require(exists(name), "\(name) never appeared", sourceLocation: location)
    }

    /// Waits until a process is gone, or only waits for its parent to ask.
    func ends(_ process: pid_t, _ location: SourceLocation = #_sourceLocation) async throws {
        func isThere() -> Bool {
            let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            return status.map { !$0.contains("State:\tZ") } ?? (kill(process, 0) == 0)
        }
        for _ in 0..<500 where isThere() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isThere(), "the process goes on", sourceLocation: location)
    }
}
