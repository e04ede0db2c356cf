import CPlatform
import Libc

/// Asks one question on the terminal.
///
/// The terminal is restored before a signal takes effect, before an error is thrown, and before the answer is returned
/// (case 63). After ^Z and `fg` the question is asked again, empty and without echo.
struct Question {
    enum Reading: Equatable {
        case answer(length: Int)
        case severalLines
        case tooLong
    }

    /// Milliseconds without input after a line break that tell Enter from the middle of a paste.
    fileprivate static let settling: Int32 = 20

    let text: String
    let lines: LineEditor.Lines
    let echo: Bool
    /// Whether `?` and Enter also ends an answer of several lines.
    var offersHelp = false

    /// Asks, and stores the answer at the start of `buffer`; its last byte is scratch space.
    ///
    /// The buffer is wiped on an error. An invalid answer is rejected as a whole, and the rest of it is dropped from the
    /// terminal's queue, so that no shell runs it later (case 65).
    func read(
        from terminal: borrowing Terminal, into buffer: UnsafeMutableRawBufferPointer
    ) throws(TerminalError) -> Reading {
        do {
            return try unsafe readUntilDone(terminal, buffer)
        } catch {
            unsafe wipe(buffer)
            throw error
        }
    }

    private func readUntilDone(
        _ terminal: borrowing Terminal, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(TerminalError) -> Reading {
        while true {
            try enter(terminal)
            var attempt = unsafe Attempt(question: self, buffer: buffer)
            let end = attempt.run(terminal, slot: buffer.count - 1)
            let isAnswer = if case .reading(.answer) = end { true } else { false }
            platform_prompt_leave(isAnswer && lines == .list ? 0 : 1)
            terminal.write("\n")
            switch end {
            case .reading(let reading):
                if !isAnswer { unsafe wipe(buffer) }
                return reading
            case .canceled: throw .canceled
            case .failed(let error): throw .failed(reason: Descriptor.reason(error))
            case .signal(let signal):
                unsafe wipe(buffer)
                guard signal != SIGINT else { throw .interrupted }
                if signal != SIGCONT { platform_raise(signal) }
                guard signal == SIGTSTP || signal == SIGCONT else { throw .interrupted }
            }
        }
    }

    private func enter(_ terminal: borrowing Terminal) throws(TerminalError) {
        let bracketed = Descriptor.environment("TERM") != "dumb"
        guard platform_prompt_enter(terminal.descriptor, bracketed ? 1 : 0, echo ? 0 : 1) == 0 else {
            throw .failed(reason: Descriptor.reason(errno))
        }
        terminal.write(text)
    }

    private func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }
}

/// One attempt to read an answer, until an answer or a signal.
@safe private struct Attempt {
    enum End {
        case reading(Question.Reading)
        case canceled
        case signal(Int32)
        case failed(Int32)
    }

    private let question: Question
    private let buffer: UnsafeMutableRawBufferPointer
    private var editor: LineEditor
    private var shown = ""

    init(question: Question, buffer: UnsafeMutableRawBufferPointer) {
        self.question = question
        unsafe self.buffer = unsafe buffer
        unsafe editor = LineEditor(
            buffer: buffer, lines: question.lines, offersHelp: question.offersHelp)
    }

    mutating func run(_ terminal: borrowing Terminal, slot: Int) -> End {
        while true {
            let event = platform_prompt_wait(-1)
            if event > 0 { return .signal(event) }
            guard event == 0 else { return .failed(errno) }
            switch nextByte(slot: slot) {
            case .none: continue
            case .end: return .canceled
            case .byte(let byte):
                let step = editor.take(byte)
                if question.echo, !editor.isPasting { refresh(terminal) }
                switch step {
                case .more: continue
                case .ended: return .canceled
                case .severalLines: return .reading(.severalLines)
                case .tooLong: return .reading(.tooLong)
                case .submitted: return settle(slot: slot)
                }
            }
        }
    }

    /// Waits briefly after Enter: an unbracketed paste delivers its next line at once.
    private func settle(slot: Int) -> End {
        var several = false
        waiting: while question.lines == .one {
            let event = platform_prompt_wait(Question.settling)
            if event > 0 { return .signal(event) }
            guard event == 0 else { break }
            switch nextByte(slot: slot) {
            case .none: continue
            case .end: break waiting
            case .byte(let byte): if byte != 0x0A, byte != 0x0D { several = true }
            }
        }
        return .reading(several ? .severalLines : .answer(length: editor.count))
    }

    private enum Key {
        case byte(UInt8)
        /// A signal discarded the input; the next wait returns the signal.
        case none
        case end
    }

    private func nextByte(slot: Int) -> Key {
        let place = unsafe buffer.baseAddress! + slot
        let count = unsafe platform_prompt_read(place.assumingMemoryBound(to: UInt8.self))
        defer { unsafe buffer[slot] = 0 }
        guard count == 1 else { return count == -2 ? .none : .end }
        return .byte(unsafe buffer[slot])
    }

    /// Redraws the answer with the fewest erased and written characters.
    private mutating func refresh(_ terminal: borrowing Terminal) {
        let bytes = unsafe Array(buffer[..<editor.count])
        let whole = bytes.prefix(upTo: completeEnd(of: bytes))
        let wanted = SafeText.escaped(bytes: Array(whole))
        guard wanted != shown else { return }
        let common = wanted.commonPrefix(with: shown)
        let gone = DisplayWidth.of(String(shown.dropFirst(common.count)))
        terminal.write(String(repeating: "\u{8} \u{8}", count: gone) + String(wanted.dropFirst(common.count)))
        shown = wanted
    }

    /// The end of the last complete UTF-8 character.
    private func completeEnd(of bytes: [UInt8]) -> Int {
        var start = bytes.count
        while start > 0, bytes.count - start < 3, bytes[start - 1] & 0xC0 == 0x80 { start -= 1 }
        guard start > 0, bytes[start - 1] >= 0xC0 else { return bytes.count }
        let length = bytes[start - 1] >= 0xF0 ? 4 : bytes[start - 1] >= 0xE0 ? 3 : 2
        return bytes.count - (start - 1) < length ? start - 1 : bytes.count
    }
}

extension String {
    /// The common prefix, by characters.
    fileprivate func commonPrefix(with other: String) -> Substring {
        let length = zip(self, other).prefix { $0 == $1 }.count
        return prefix(length)
    }
}
