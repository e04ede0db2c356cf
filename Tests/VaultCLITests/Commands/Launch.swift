// These tests run the built program with a complete environment of their own, and examine its output and files.

import CPlatform
import Foundation
import Libc
import Testing

/// The built program, next to the tests; `VAULT_BINARY` names another one.
enum Binary {
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["VAULT_BINARY"] { return named }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own ?? CommandLine.arguments[0]).deletingLastPathComponent().appending(
            path: "vault"
        ).path
    }()

    static var folder: String { URL(filePath: path).deletingLastPathComponent().path }
}

/// A process in a new session, with `terminal` as its only terminal.
struct Launch {
    var path: String
    var arguments: [String]
    var environment: [String: String]
    /// The content of stdin, and of further descriptors.
    var input: [UInt8]?
    var descriptors: [Int32: [UInt8]] = [:]
    /// The terminal that becomes the controlling one.
    var terminal: String?

    struct Outcome: Sendable {
        /// The exit status, or 128+n for a signal.
        let status: Int32
        let dumpedCore: Bool
        let output: [UInt8]
        let error: [UInt8]

        var text: String { String(decoding: output, as: UTF8.self) }
        var errorText: String { String(decoding: error, as: UTF8.self) }
    }

    /// Starts the process. Its output goes to unlinked files, so that it never blocks on a full pipe.
    func start() throws -> Running {
        var actions = unsafe posix_spawn_file_actions_t()
        try unsafe require(posix_spawn_file_actions_init(&actions))
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        try unsafe require(posix_spawnattr_init(&attributes))
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The test runner blocks signals; a shell does not.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        try unsafe require(posix_spawnattr_setsigmask(&attributes, &none))
        // Servers in the test process ignore SIGPIPE.
        var pipe = none
        unsafe sigaddset(&pipe, SIGPIPE)
        try unsafe require(posix_spawnattr_setsigdefault(&attributes, &pipe))
        let flags = Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        try unsafe require(posix_spawnattr_setflags(&attributes, flags))

        let (output, error) = (try Nameless(), try Nameless())
        var held: [Nameless] = [output, error]
        if let terminal {
            try unsafe require(posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0))
        } else if let input {
            held.append(try Nameless(input))
            try unsafe require(posix_spawn_file_actions_adddup2(&actions, held.last!.descriptor, 0))
        } else {
            try unsafe require(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0))
        }
        try unsafe require(posix_spawn_file_actions_adddup2(&actions, output.descriptor, 1))
        try unsafe require(posix_spawn_file_actions_adddup2(&actions, error.descriptor, 2))
        for (number, bytes) in descriptors {
            held.append(try Nameless(bytes))
            try unsafe require(posix_spawn_file_actions_adddup2(&actions, held.last!.descriptor, number))
        }
        #if os(Linux)
            // Close what else the test process has open.
            let first = (descriptors.keys.max() ?? 2) + 1
            for number in first..<256 {
                try unsafe require(posix_spawn_file_actions_addclose(&actions, number))
            }
        #endif

        var process: pid_t = 0
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        try unsafe require(posix_spawn(&process, path, &actions, &attributes, words, variables))
        _ = consume held
        return Running(process: process, output: output, error: error)
    }

    /// POSIX_SPAWN_SETSID, which the imported headers lack.
    #if os(Linux)
        private static let newSession: Int16 = 0x80
    #else
        private static let newSession: Int16 = 0x400
    #endif

    private func require(_ failure: Int32, _ location: SourceLocation = #_sourceLocation) throws {
        try #require(failure == 0, "\(unsafe String(cString: strerror(failure)))", sourceLocation: location)
    }
}

/// A running process.
final class Running: Sendable {
    let process: pid_t
    private let output: Nameless
    private let error: Nameless

    init(process: pid_t, output: Nameless, error: Nameless) {
        (self.process, self.output, self.error) = (process, output, error)
    }

    func signal(_ signal: Int32) { kill(process, signal) }

    /// The output so far.
    var written: (output: [UInt8], error: [UInt8]) { (output.contents, error.contents) }

    /// Waits for the end; a hanging process is killed after two minutes.
    func outcome() async throws -> Launch.Outcome {
        var status: Int32 = 0
        var waited = 0
        while unsafe waitpid(process, &status, WNOHANG) == 0 {
            // Poll quickly at first, since most processes end soon.
            try await Task.sleep(for: .milliseconds(waited < 2_000 ? 1 : 20))
            waited += 1
            if waited == 8_000 {
                Issue.record("the process hangs: \(String(decoding: written.error, as: UTF8.self))")
                kill(process, SIGKILL)
            }
        }
        let signal = status & 0x7F
        return Launch.Outcome(
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
            dumpedCore: signal != 0 && status & 0x80 != 0,
            output: output.contents, error: error.contents)
    }
}

/// An unlinked file, so that no secret of a test remains.
final class Nameless: Sendable {
    /// Above all descriptors that a test passes to a program.
    let descriptor: Int32

    init(_ contents: [UInt8] = []) throws {
        let path = NSTemporaryDirectory() + "/vault-test-\(UUID().uuidString)"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try #require(opened >= 0)
        unsafe unlink(path)
        descriptor = fcntl(opened, F_DUPFD_CLOEXEC, 100)
        close(opened)
        try #require(descriptor >= 0)
        var rest = contents[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            try #require(count > 0)
            rest = rest.dropFirst(count)
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    var contents: [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
    }
}
