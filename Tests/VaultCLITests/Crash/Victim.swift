// These tests kill the program, or run it concurrently. Afterwards the next command works, every secret opens to a value
// that was set, and the ledger verifies.

import Foundation
import Libc
import TestSupport
import Testing

/// The built program with a vault in a temporary folder.
final class Victim: Sendable {
    private let directory = TemporaryDirectory()
    /// Additional variables of its commands.
    private let more: [String: String]

    init(environment: [String: String] = [:]) throws { more = environment }

    var folder: String { directory.path }

    static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: Binary.path) }

    struct Outcome {
        let status: Int32
        let wasKilled: Bool
        let text: String
        let error: String
    }

    func process(_ words: [String], program: String = Binary.path) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = words
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder, "XDG_STATE_HOME": folder + "/state",
            "VAULT_FILE": folder + "/v/vault.db", "VAULT_KEY_FILE": folder + "/ana.key",
            "VAULT_MEMBER": "ana",
            "PROGRAM": Binary.path,
        ].merging(more) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Starts a process with no signal blocked, as a shell does; the test library blocks most of them.
    static func start(_ process: Process) throws {
        var (none, before) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    /// Runs a command to its end, or kills it after `delay` microseconds.
    func run(
        _ words: [String], program: String = Binary.path, killedAfter delay: UInt32? = nil
    ) throws -> Outcome {
        let process = process(words, program: program)
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        try Self.start(process)
        if let delay {
            usleep(delay)
            kill(process.processIdentifier, SIGKILL)
        }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            text: String(decoding: text, as: UTF8.self), error: String(decoding: complaint, as: UTF8.self))
    }

    /// Runs a command that must succeed.
    @discardableResult
    func must(_ words: String...) throws -> String {
        let outcome = try run(words)
        guard outcome.status == 0, !outcome.wasKilled else {
            throw Failed(what: "\(words): \(outcome.status) \(outcome.error)")
        }
        return outcome.text
    }

    struct Failed: Error { let what: String }

    /// Removes the anchors, as for another user.
    func forgetAnchors() { try? FileManager.default.removeItem(atPath: folder + "/state") }

    func initialize() throws { try must("init", "--no-recovery") }

    /// A source with a secret, in a file named like the value.
    func source(_ value: String) throws -> String {
        let path = folder + "/" + value
        try Data(value.utf8).write(to: URL(filePath: path))
        return "file:" + path
    }

    func creation(_ name: String, _ value: String) throws -> [String] {
        [
            "connection", "create", "celonis", "--name", name, "--set", "api-type=intelligence", "--set",
            "domain=team.us-1.celonis.cloud", "--set", "auth-type=custom", "--secret",
            "app-key=" + (try source(value)),
        ]
    }

    /// Whether a child process gets this value as the connection's key.
    func holds(_ name: String, _ value: String) throws -> Bool {
        let test = "[ \"$CELONIS_API_TOKEN\" = '\(value)' ]"
        return try run(["exec", name, "--", "sh", "-c", test]).status == 0
    }

    func names() throws -> [String] {
        try must("connection", "list", "--json").split(separator: "\n").compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["name"] as? String
        }
    }
}
