import Libc
import Testing
import VaultMemory

@testable import VaultCLI

/// A pseudo-terminal: the test types and reads, and the code under test prompts.
final class Pty: Sendable {
    let master: Int32
    /// The path that the code under test opens.
    let path: String
    /// Kept open, so that the terminal outlives the code under test.
    private let slave: Int32

    init() throws {
        // The imported headers lack the functions for pseudo-terminals.
        typealias OpenPty =
            @convention(c) (
                UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<CChar>?,
                UnsafeRawPointer?, UnsafeRawPointer?
            ) -> Int32
        let openpty = unsafe try unsafeBitCast(#require(dlsym(nil, "openpty")), to: OpenPty.self)
        var (near, far): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 128)
        try unsafe #require(openpty(&near, &far, &name, nil, nil) == 0)
        (master, slave) = (near, far)
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        for end in [near, far] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(slave)
        close(master)
    }

    /// Whether the terminal echoes input.
    var echoes: Bool {
        var settings = termios()
        return unsafe tcgetattr(slave, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Whether unread input is left for the shell.
    func waitsForShell() -> Bool {
        var state = pollfd(fd: slave, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&state, 1, 0) == 1
    }

    func type(_ text: String) async throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe write(master, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    /// Waits for `text`, and returns the output since the last call up to it.
    @discardableResult
    func wait(for text: String) async throws -> String {
        var seen: [UInt8] = []
        for _ in 0..<30_000 {
            var byte: UInt8 = 0
            while unsafe read(master, &byte, 1) == 1 {
                seen.append(byte)
                let shown = String(decoding: seen, as: UTF8.self)
                if shown.hasSuffix(text) { return shown }
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record(
            "the terminal never showed \(text.debugDescription): \(String(decoding: seen, as: UTF8.self))")
        return ""
    }

    /// The output since the last call.
    func rest() async throws -> String {
        try await Task.sleep(for: .milliseconds(50))
        var seen: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(master, &byte, 1) == 1 { seen.append(byte) }
        return String(decoding: seen, as: UTF8.self)
    }
}

/// The content of a secret, for tests only.
func reveal(_ secret: borrowing SecretBytes) -> String {
    unsafe secret.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
}
