import Libc
import Testing
import VaultLedger
import VaultMemory

@testable import VaultCLI

@Suite struct OutputTests {
    @Test func `aligns columns by display width`() {
        let table = Table(["Name", "Note"], [["日本", "x"], ["ab\n", ""]])
        #expect(table.text(width: nil) == "Name  Note\n日本  x\nab\\n\n")
    }

    @Test func `truncates the widest columns on a terminal only`() {
        let row = [String(repeating: "a", count: 40), String(repeating: "b", count: 60)]
        let table = Table(["A", "B"], [row])
        let lines = table.text(width: 42).split(separator: "\n")
        #expect(lines.allSatisfy { DisplayWidth.of(String($0)) <= 42 })
        #expect(lines[1].filter { $0 == "…" }.count == 2)
        #expect(!table.text(width: nil).contains("…"))
    }

    @Test func `emphasizes text only if the terminal and the environment allow it`() {
        #expect(Style.wanted { ["TERM": "xterm"][$0] })
        #expect(!Style.wanted { ["TERM": "dumb"][$0] })
        #expect(!Style.wanted { ["NO_COLOR": "1"][$0] })
        #expect(Style.wanted { ["NO_COLOR": ""][$0] })
        #expect(Style(isOn: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
        #expect(Style(for: -1, environment: { _ in nil }) == .plain)
    }

    @Test func `exits silently when the reader closes the pipe`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            ProcessHardening.apply()
            var ends: [Int32] = [0, 0]
            guard unsafe pipe(&ends) == 0 else { exit(1) }
            close(ends[0])
            let output = Output(descriptor: ends[1])
            do throws(OutputError) {
                try output.line("one")
                try output.flush()
            } catch {
                exit(error == .readerGone && error.failure == nil ? 7 : 2)
            }
        }
    }

    // case 32
    @Test func `fails when the result can't be written`() throws {
        let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        let output = Output(descriptor: full)
        let error = #expect(throws: OutputError.self) {
            try output.json(.integer(1))
            try output.flush()
        }
        #expect(error?.failure?.code == .unexpected)
        #expect(error?.failure?.problems[0].message.contains("No space left") == true)
    }

    @Test func `writes nothing before its buffer is full or flushed`() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let output = Output(descriptor: ends[1])
        try output.json(.object(["a": .integer(1)]))
        var bytes = [UInt8](repeating: 0, count: 100)
        #expect(unsafe read(ends[0], &bytes, 100) == -1)
        try output.flush()
        #expect(unsafe read(ends[0], &bytes, 100) == 8)
        #expect(String(decoding: bytes.prefix(8), as: UTF8.self) == "{\"a\":1}\n")
    }

    @Test func `shows progress after a second, at intervals, and erases it`() {
        let start = ContinuousClock().now
        var time = start
        var shown: [String] = []
        let progress = Progress("Sealing", total: 10, now: { time }, show: { shown.append($0) })
        time = start + .milliseconds(50)
        progress.update(1)
        #expect(shown.isEmpty)
        time = start + .milliseconds(1_500)
        progress.update(5)
        time += .milliseconds(50)
        progress.update(6)
        progress.finish()
        #expect(shown == ["\rSealing: 5 of 10 (50 %)\u{1B}[K", "\r\u{1B}[K"])
    }

    // cases 52, 66
    @Test func `reports every problem in two lines that text can't forge`() {
        let failure = Failure(
            .usage,
            problems: [
                .init("no 'a\nvault: error: b\u{1B}[2J'", next: "try 'c'"), .init("second"),
            ])
        #expect(
            ErrorReport.text(failure) == """
                vault: error: no 'a\\nvault: error: b\\u{1B}[2J'
                vault: next: try 'c'
                vault: error: second

                """)
        #expect(
            ErrorReport.json(failure) == """
                {"error":{"code":64,"message":"no 'a\\nvault: error: b\\u001b[2J'","next":"try 'c'"},\
                "problems":[{"message":"no 'a\\nvault: error: b\\u001b[2J'","next":"try 'c'"},\
                {"message":"second","next":null}]}

                """)
        #expect(
            ErrorReport.json(Failure(.locked, "locked"))
                == "{\"error\":{\"code\":11,\"message\":\"locked\",\"next\":null}}\n")
    }

    @Test func `keeps the documented exit codes`() {
        #expect(
            ExitCode.allCases.map(\.rawValue)
                == [0, 1, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 64, 125, 126, 127, 130])
    }
}
