public import Foundation

/// Runs other programs, such as Python and curl, and waits for them.
public enum Subprocess {
    public struct Outcome: Sendable {
        public let status: Int32
        public let output: Data

        public var text: String { String(decoding: output, as: UTF8.self) }
        public var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    /// Runs a program to its end; its standard error is discarded.
    ///
    /// - Parameters:
    ///   - program: a path, or a name to look up in `PATH`.
    ///   - input: the standard input, which must fit into a pipe's buffer (64 KiB).
    ///   - directory: the working directory.
    /// - Throws: the error of `Process.run()` when the program cannot be started. A name that is not in `PATH` is not
    ///   an error: the status is 127.
    @discardableResult
    public static func run(
        _ program: String, _ arguments: [String], input: String = "", environment: [String: String]? = nil,
        directory: String? = nil
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        if let environment { process.environment = environment }
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        let (stdin, stdout) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (stdin, stdout)
        process.standardError = FileHandle.nullDevice
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: output)
    }
}

/// Runs blocking code on a new thread, since the cooperative pool has only as many threads as the machine has cores.
public func onDedicatedThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
