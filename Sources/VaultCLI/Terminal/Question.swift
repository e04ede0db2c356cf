import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One question on the terminal, from the first byte to the last.
///
/// The terminal is as it was before anything else happens: before a signal takes effect, before an error is thrown,
/// before the answer is given (case 63). After ^Z and `fg` the question stands again, empty and without echo.
struct Question {
    enum Reading: Equatable {
        case answer(length: Int)
        case severalLines
        case tooLong
    }

    /// How long a line break must be the last thing that came, to be an Enter and not the middle of a paste.
    fileprivate static let settling: Int32 = 20

    let text: String
    let lines: LineEditor.Lines
    let echo: Bool
    /// Whether `?` and Enter ends an answer of several lines too.
    var offersHelp = false

    /// Asks, and leaves the answer in the first bytes of `buffer`, whose last byte is used for reading.
    ///
    /// On an error the buffer is wiped. What cannot be taken is refused whole, and what is left of it in the
    /// terminal's queue is dropped, so that no shell runs it later (case 65).
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
            terminal.say("\n")
            switch end {
            case .reading(let reading):
                if !isAnswer { unsafe wipe(buffer) }
                return reading
            case .cancelled: throw .cancelled
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
        terminal.say(text)
    }

    private func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
    }
}

/// One showing of a question, until an answer or a signal.
@safe private struct Attempt {
    enum End {
        case reading(Question.Reading)
        case cancelled
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
            case .end: return .cancelled
            case .byte(let byte):
                let step = editor.take(byte)
                if question.echo, !editor.isPasting { refresh(terminal) }
                switch step {
                case .more: continue
                case .ended: return .cancelled
                case .severalLines: return .reading(.severalLines)
                case .tooLong: return .reading(.tooLong)
                case .submitted: return settle(slot: slot)
                }
            }
        }
    }

    /// Waits a moment after Enter: a paste that the terminal did not mark has its next line right behind.
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
        /// What was typed was dropped again by a signal, which is told next.
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

    /// Makes what is seen equal to what is typed, by rubbing out and writing the least.
    private mutating func refresh(_ terminal: borrowing Terminal) {
        let bytes = unsafe Array(buffer[..<editor.count])
        let whole = bytes.prefix(upTo: completeEnd(of: bytes))
        let wanted = SafeText.escaped(bytes: Array(whole))
        guard wanted != shown else { return }
        let common = wanted.commonPrefix(with: shown)
        let gone = DisplayWidth.of(String(shown.dropFirst(common.count)))
        terminal.say(String(repeating: "\u{8} \u{8}", count: gone) + String(wanted.dropFirst(common.count)))
        shown = wanted
    }

    /// Where the last whole character ends: the first bytes of one are not shown yet.
    private func completeEnd(of bytes: [UInt8]) -> Int {
        var start = bytes.count
        while start > 0, bytes.count - start < 3, bytes[start - 1] & 0xC0 == 0x80 { start -= 1 }
        guard start > 0, bytes[start - 1] >= 0xC0 else { return bytes.count }
        let length = bytes[start - 1] >= 0xF0 ? 4 : bytes[start - 1] >= 0xE0 ? 3 : 2
        return bytes.count - (start - 1) < length ? start - 1 : bytes.count
    }
}

extension String {
    /// What both texts begin with, by whole characters.
    fileprivate func commonPrefix(with other: String) -> Substring {
        let length = zip(self, other).prefix { $0 == $1 }.count
        return prefix(length)
    }
}
