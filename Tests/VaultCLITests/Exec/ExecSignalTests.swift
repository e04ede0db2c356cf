import Foundation
import Libc
import TestSupport
import Testing

@testable import VaultCLI

/// Signals to the driver while a child reports what reaches it (case 83).
@Suite(.dedicatedThread) struct ExecSignalTests {
    private final class Running {
        let process: Process
        private let lines = Pipe()
        private var buffer = Data()

        init(_ driver: Driver, _ command: String...) throws {
            process = driver.process(command)
            process.standardOutput = lines
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        func line() -> String? {
            while !buffer.contains(10) {
                let more = lines.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                buffer += more
            }
            let line = buffer.prefix { $0 != 10 }
            buffer = Data(buffer.dropFirst(line.count + 1))
            return String(decoding: line, as: UTF8.self)
        }

        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        func status() -> Int32 {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    /// The state of a process in /proc, or nil if it is gone.
    private func state(_ pid: Int32) -> Character? {
        let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return text?.split(separator: ")").last?.first { $0 != " " }
    }

    private func wait(for pid: Int32, toBe wanted: [Character?]) -> Bool {
        for _ in 0..<1000 {
            if wanted.contains(state(pid)) { return true }
            usleep(10_000)
        }
        return false
    }

    @Test(arguments: ["HUP": 1, "INT": 2, "QUIT": 3, "TERM": 15, "USR1": 10, "USR2": 12])
    func `forwards a signal once`(name: String, number: Int32) throws {
        let script = """
            import os, signal, time
            count = 0
            def heard(*_):
                global count
                count += 1
            signal.signal(signal.SIG\(name), heard)
            print(os.getpid(), flush=True)
            while count == 0: time.sleep(0.01)
            time.sleep(0.2)
            print(count, flush=True)
            """
        let running = try Running(Driver(), "python3", "-c", script)
        _ = running.line()
        running.send(number)
        #expect(running.line() == "1")
        #expect(running.status() == 0)
    }

    @Test func `ends when a forwarded signal ends the child`() throws {
        let running = try Running(Driver(), "sh", "-c", "echo $$; exec sleep 300")
        _ = running.line()
        running.send(SIGTERM)
        #expect(running.status() == 128 + SIGTERM)
    }

    @Test func `leaves nothing running when it is killed`() throws {
        let running = try Running(Driver(), "sh", "-c", "echo $$; exec sleep 300")
        let child = try #require(Int32(running.line() ?? ""))
        running.send(SIGKILL)
        #expect(wait(for: child, toBe: [nil, "Z"]))
        #expect(running.status() == SIGKILL)
    }

    @Test(arguments: ["TERM", "KILL"]) func `leaves nothing running when the child kills it`(name: String)
        throws
    {
        let running = try Running(
            Driver(), "sh", "-c", "echo $$; sleep 0.3; kill -\(name) $PPID; while :; do sleep 1; done")
        let child = try #require(Int32(running.line() ?? ""))
        #expect(running.status() == (name == "TERM" ? 128 + SIGTERM : SIGKILL))
        #expect(wait(for: child, toBe: [nil, "Z"]))
    }

    @Test func `forwards a signal that comes before the child's id is known`() throws {
        for _ in 0..<10 {
            #expect(
                try Driver().run("sh", "-c", "kill -TERM $PPID; while :; do sleep 1; done").status == 128
                    + SIGTERM)
        }
    }

    @Test func `stops and continues with its child`() throws {
        let running = try Running(Driver(), "sh", "-c", "echo $$; kill -STOP $$; echo on")
        let child = try #require(Int32(running.line() ?? ""))
        #expect(wait(for: running.process.processIdentifier, toBe: ["T"]))
        #expect(state(child) == "T")
        running.send(SIGCONT)
        #expect(running.line() == "on")
        #expect(running.status() == 0)
    }
}
