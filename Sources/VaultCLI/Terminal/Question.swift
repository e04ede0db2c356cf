import CPlatform
import Libc

/// Asks one question on the terminal.
///
/// The terminal is restored before a signal takes effect, before an error is thrown, and before the answer is returned
/// (case 63). After ^Z and `fg` the question is asked again, empty and without echo.
struct Question {
    /// Milliseconds without input after a line break that distinguish Enter from the middle of a paste.
    fileprivate static let settling: Int32 = 20

    /// The escaped label.
    let label: String
    /// Shown in parentheses.
    var hints: [String?] = []
    let lines: LineEditor.Lines
    let echo: Bool
    /// Whether `?` and Enter also ends an answer of several lines.
    var offersHelp = false

    /// Asks until there is a valid answer, and stores it at the start of `buffer`; its last byte is scratch space.
    ///
    /// The buffer is wiped on an error. An invalid answer is rejected as a whole, and the rest of it is dropped from the
    /// terminal's queue, so that no shell runs it later (case 65).
    ///
    /// - Returns: The length of the answer.
    func read(
        from terminal: borrowing Terminal, into buffer: UnsafeMutableRawBufferPointer
    ) throws(TerminalError) -> Int {
        while true {
            try enter(terminal)
            var attempt = unsafe Attempt(question: self, buffer: buffer)
            let end = attempt.run(terminal)
            let isAnswer = if case .answer = end { true } else { false }
            platform_prompt_leave(isAnswer && lines == .list ? 0 : 1)
            terminal.write("\n")
            if !isAnswer { unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0) }
            switch end {
            case .answer(let length): return length
            case .severalLines: terminal.write("Discarded: only one line is allowed here. Try again:\n")
            case .tooLong:
                let why = echo ? "too long" : "longer than \(buffer.count - 1) bytes"
                terminal.write("Discarded: \(why). Try again:\n")
            case .canceled: throw .canceled
            case .failed(let error): throw .failed(reason: Descriptor.reason(error))
            case .signal(SIGINT): throw .interrupted
            case .signal(let signal):
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
        let hint = hints.compactMap(\.self).joined(separator: "; ")
        terminal.write(hint.isEmpty ? "\(label): " : "\(label) (\(hint)): ")
    }
}

/// One attempt to read an answer, until an answer or a signal.
@safe private struct Attempt {
    enum End {
        case answer(length: Int)
        case severalLines
        case tooLong
        case canceled
        case signal(Int32)
        case failed(Int32)
    }

    private enum Event {
        case byte(UInt8)
        case timeout
        case end(End)
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

    mutating func run(_ terminal: borrowing Terminal) -> End {
        while true {
            switch next(within: -1) {
            case .timeout: continue
            case .end(let end): return end
            case .byte(let byte):
                let step = editor.take(byte)
                if question.echo, !editor.isPasting { refresh(terminal) }
                switch step {
                case .more: continue
                case .ended: return .canceled
                case .severalLines: return .severalLines
                case .tooLong: return .tooLong
                case .submitted: return settle()
                }
            }
        }
    }

    /// Waits briefly after Enter: an unbracketed paste delivers its next line at once.
    private func settle() -> End {
        var several = false
        waiting: while question.lines == .one {
            switch next(within: Question.settling) {
            case .byte(0x0A), .byte(0x0D): continue
            case .byte: several = true
            case .end(.signal(let signal)): return .signal(signal)
            case .timeout, .end: break waiting
            }
        }
        return several ? .severalLines : .answer(length: editor.count)
    }

    /// Waits for a byte or a signal.
    private func next(within milliseconds: Int32) -> Event {
        let slot = unsafe buffer.count - 1
        let place = unsafe (buffer.baseAddress! + slot).assumingMemoryBound(to: UInt8.self)
        while true {
            let event = platform_prompt_wait(milliseconds)
            guard event == 0 else {
                return event > 0 ? .end(.signal(event)) : event == -2 ? .timeout : .end(.failed(errno))
            }
            let count = unsafe platform_prompt_read(place)
            defer { unsafe buffer[slot] = 0 }
            if count == 1 { return .byte(unsafe buffer[slot]) }
            // A signal can discard the input; the next wait returns the signal.
            if count != -2 { return .end(.canceled) }
        }
    }

    /// Redraws the answer with the fewest erased and written characters.
    private mutating func refresh(_ terminal: borrowing Terminal) {
        let bytes = unsafe Array(buffer[..<editor.count])
        let whole = bytes.prefix(upTo: completeEnd(of: bytes))
        let wanted = SafeText.escaped(bytes: Array(whole))
        guard wanted != shown else { return }
        let common = zip(wanted, shown).prefix { $0 == $1 }.count
        let gone = DisplayWidth.of(String(shown.dropFirst(common)))
        terminal.write(String(repeating: "\u{8} \u{8}", count: gone) + String(wanted.dropFirst(common)))
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
