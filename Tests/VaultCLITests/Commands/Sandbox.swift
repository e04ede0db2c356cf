import Foundation
import Libc
import TestSupport
import Testing

/// A temporary folder with a home, a folder for temporary files, and paths for a vault and a key file.
final class Sandbox: Sendable {
    private let directory = TemporaryDirectory()
    /// The program's environment.
    let environment: [String: String]

    init() throws {
        let folder = directory.path
        for name in ["home", "tmp", "v"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        environment = [
            "HOME": "\(folder)/home", "LC_ALL": "C.UTF-8", "PWD": folder, "TMPDIR": "\(folder)/tmp",
            "PATH": "\(Binary.folder):" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"),
            "XDG_CONFIG_HOME": "\(folder)/home/config", "XDG_DATA_HOME": "\(folder)/home/data",
            "XDG_STATE_HOME": "\(folder)/home/state",
        ]
    }

    var folder: String { directory.path }

    /// The environment with variables for the vault and the key file.
    var named: [String: String] {
        environment.merging(["VAULT_FILE": "\(folder)/v/vault.db", "VAULT_KEY_FILE": "\(folder)/ana.key"]) {
            $1
        }
    }

    /// A sandbox with a vault and its admin ana, who has a key file.
    static func withVault() async throws -> Sandbox {
        let sandbox = try Sandbox()
        let made = try await sandbox.vault("init", "--member", "ana", "--no-recovery")
        try #require(made.status == 0, "\(made.errorText)")
        return sandbox
    }

    /// The program with these arguments, and without a terminal unless one is passed. An empty variable is unset.
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

    /// Waits until a file exists.
    func appears(_ name: String, _ location: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<3_000 where !exists(name) { try await Task.sleep(for: .milliseconds(10)) }
        try #require(exists(name), "\(name) never appeared", sourceLocation: location)
    }

    /// Waits until a process has ended.
    func ends(_ process: pid_t, _ location: SourceLocation = #_sourceLocation) async throws {
        func isThere() -> Bool {
            let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            return status.map { !$0.contains("State:\tZ") } ?? (kill(process, 0) == 0)
        }
        for _ in 0..<3_000 where isThere() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isThere(), "the process is still running", sourceLocation: location)
    }
}
