import CPlatform
import Foundation
import Libc
import TestSupport
import Testing
import VaultMemory

@testable import VaultCLI
@testable import VaultMasking

/// Runs `ChildProcess.run` in another process: the test program again, controlled by environment variables.
///
/// Signals, terminals and descriptors belong to the whole process, so they can't be tested in this one.
struct Driver {
    var secrets: [(name: String, value: String)] = []
    var pristine = false
    var handedOver = false
    /// Redirects stderr to stdout, after the output of the test library.
    var joinsError = false
    var environment: [String: String] = [:]
    /// A program that runs the driver, such as `python3 -c …`.
    var around: [String] = []
    var input: FileHandle = .nullDevice

    struct Outcome {
        let status: Int32
        let output: Data
        let error: Data
        var text: String { String(decoding: output, as: UTF8.self) }
        var errorText: String { String(decoding: error, as: UTF8.self) }
    }

    /// A placeholder for an argument that is too long for the driver itself.
    static let long = "<long>"
    static let separator = "\u{1f}"

    func process(_ command: [String]) -> Process {
        let process = Process()
        let own = try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let words = around + [own, "--testing-library", "swift-testing", "--filter", "DrivenProcess"]
        process.executableURL = URL(filePath: "/usr/bin/env")
        #if os(Linux)
            // Servers in the test process ignore SIGPIPE.
            process.arguments = ["--default-signal=PIPE"] + words
        #else
            process.arguments = words
        #endif
        var variables = ["PATH": "/usr/bin:/bin", "HOME": "/nowhere"].merging(environment) { $1 }
        variables["EXEC_COMMAND"] = command.joined(separator: Self.separator)
        variables["EXEC_SECRETS"] = secrets.map { "\($0.name)=\($0.value)" }.joined(separator: Self.separator)
        variables["EXEC_MODE"] =
            (joinsError ? "joined " : "") + (pristine ? "pristine " : "")
            + (handedOver ? "handed-over" : "masked")
        process.environment = variables
        process.standardInput = input
        return process
    }

    /// Runs to the end, reading both streams concurrently.
    func run(_ command: String...) throws -> Outcome {
        let process = process(command)
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        let errorData = Reading(error)
        try process.run()
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // The status as a shell reports it; negative for a signal that ended the driver itself.
        let status =
            process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Outcome(status: status, output: outputData, error: errorData.wait())
    }
}

/// Reads a pipe to its end on another thread.
final class Reading: @unchecked Sendable {
    private var data = Data()
    private let done = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread {
            self.data = handle.readDataToEndOfFile()
            self.done.signal()
        }
    }

    func wait() -> Data {
        done.wait()
        return data
    }
}

@Suite struct DrivenProcess {
    /// Does nothing in an ordinary test run.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["EXEC_COMMAND"] != nil))
    func `becomes the process that runs a command`() throws {
        let variables = ProcessInfo.processInfo.environment
        for name in ["EXEC_COMMAND", "EXEC_SECRETS", "EXEC_MODE"] { unsafe unsetenv(name) }
        let starting = LaunchState()
        if let soft = variables["EXEC_CORE"].flatMap(UInt.init) {
            unsafe unsetenv("EXEC_CORE")
            var limit = rlimit(rlim_cur: soft, rlim_max: UInt(starting.coreLimit.hard))
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        }
        let mode = variables["EXEC_MODE"]!
        if mode.contains("joined") { dup2(1, 2) }
        var environment = ChildEnvironment(inheriting: mode.contains("pristine") ? .pristine : .everything)
        var secrets: [SharedSecret] = []
        for word in variables["EXEC_SECRETS"]!.split(separator: Driver.separator) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            secrets.append(secret(String(parts[1])))
            try environment.set(String(parts[0]), pieces: [.secret(secrets.last!)])
        }
        var command = variables["EXEC_COMMAND"]!.components(separatedBy: Driver.separator)
        if command.last == Driver.long {
            command[command.count - 1] = String(repeating: "x", count: 3_000_000)
        }
        // The test library runs this on a thread with blocked signals; `main` does not.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
        do throws(ChildError) {
            let output: ChildProcess.Output = mode.hasSuffix("masked") ? .masked(secrets) : .handedOver
            _exit(try ChildProcess.run(command, environment: environment, output: output, starting: starting))
        } catch {
            FileHandle.standardError.write(Data("driver: \(error)\n".utf8))
            _exit(error.failure.code.rawValue)
        }
    }
}
