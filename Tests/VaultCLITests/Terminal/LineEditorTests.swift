import Testing

@testable import VaultCLI

@Suite struct LineEditorTests {
    private func edit(
        _ input: String, lines: LineEditor.Lines = .one, capacity: Int = 64
    ) -> (text: String, last: LineEditor.Step) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity + 1, alignment: 1)
        defer { unsafe memory.deallocate() }
        var editor = unsafe LineEditor(buffer: memory, lines: lines)
        var last = LineEditor.Step.more
        for byte in input.utf8 where last == .more { last = editor.take(byte) }
        return (unsafe String(decoding: memory[..<editor.count], as: UTF8.self), last)
    }

    // case 65
    @Test func `keeps a partial end sequence inside a paste`() {
        let (text, last) = edit("\u{1B}[200~a\u{1B}[20\u{1B}[201b\u{1B}[201~\r")
        #expect(text == "a\u{1B}[20\u{1B}[201b")
        #expect(last == .submitted)
    }

    @Test func `treats CR, LF and CRLF in a paste alike`() {
        for ending in ["\r", "\n", "\r\n"] {
            let paste = "\u{1B}[200~a\(ending)\(ending)b\(ending)\u{1B}[201~"
            #expect(edit(paste, lines: .several).text == "a\n\nb\n")
            #expect(edit(paste + "\r", lines: .list).text == "a,,b")
            #expect(edit(paste).last == .severalLines)
            #expect(edit("\u{1B}[200~a\(ending)\u{1B}[201~\r") == ("a", .submitted))
        }
    }

    @Test func `rejects an answer that is too long, unless it is erased`() {
        #expect(edit("12345\r", capacity: 4).last == .tooLong)
        #expect(edit("12345\u{7F}\r", capacity: 4).last == .tooLong)
        #expect(edit("12345\u{15}abcd\r", capacity: 4) == ("abcd", .submitted))
        #expect(edit("\u{1B}[200~12345\u{1B}[201~", capacity: 4).last == .tooLong)
    }

    @Test func `ends several lines with ^D on an empty one only`() {
        #expect(edit("a\u{4}b\r\u{4}", lines: .several) == ("ab\n", .submitted))
        #expect(edit("\u{4}", lines: .several).last == .ended)
        #expect(edit("a\u{4}\r") == ("a", .submitted))
    }
}
