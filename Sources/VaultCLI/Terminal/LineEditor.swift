/// Edits a line byte by byte, in memory that the caller lends.
///
/// Erase character (^H, DEL), word (^W) and line (^U) work; escape sequences of keys are dropped; bracketed paste is
/// supported. A paste of several lines into a field of one line is rejected as a whole. The last byte of the memory is
/// the caller's, so a value is at least one byte shorter than the memory.
@safe struct LineEditor {
    /// The meaning of line breaks in the answer.
    enum Lines: Sendable {
        /// Enter submits the answer; a paste of several lines is rejected.
        case one
        /// Enter is part of the value; ^D on an empty line submits the answer.
        case several
        /// Enter submits the answer; line breaks in a paste separate items, as commas do.
        case list
    }

    enum Step: Equatable {
        case more
        /// The answer is complete.
        case submitted
        /// ^D on an empty line.
        case ended
        case severalLines
        case tooLong
    }

    private enum State: Equatable { case ground, escape, sequence, single, paste }

    private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

    private let buffer: UnsafeMutableRawBufferPointer
    private let lines: Lines
    private let offersHelp: Bool
    private(set) var count = 0
    private var state = State.ground
    private var parameter: [UInt8] = []
    private var endMatched = 0
    private var pendingBreak = false
    private var afterReturn = false
    private var refusal: Step?

    init(buffer: UnsafeMutableRawBufferPointer, lines: Lines, offersHelp: Bool = false) {
        unsafe self.buffer = unsafe buffer
        self.lines = lines
        self.offersHelp = offersHelp
    }

    /// Whether a paste is arriving.
    var isPasting: Bool { state == .paste }

    /// Takes one byte from the terminal.
    mutating func take(_ byte: UInt8) -> Step {
        switch state {
        case .ground: return typed(byte)
        case .escape: return escaped(byte)
        case .single:
            state = .ground
            return .more
        case .sequence: return sequence(byte)
        case .paste: return pasted(byte)
        }
    }

    private mutating func typed(_ byte: UInt8) -> Step {
        let breakDone = afterReturn && byte == 0x0A
        afterReturn = byte == 0x0D
        if breakDone { return .more }
        switch byte {
        case 0x1B: state = .escape
        case 0x0A, 0x0D:
            guard lines == .several else { return refusal ?? .submitted }
            if offersHelp, count == 1, unsafe buffer[0] == UInt8(ascii: "?") { return .submitted }
            append(0x0A)
        case 0x04:
            if lines == .several, count > 0, count == lineStart { return refusal ?? .submitted }
            if count == 0 { return .ended }
        case 0x08, 0x7F: eraseCharacter()
        case 0x15: erase(to: lineStart)
        case 0x17: eraseWord()
        case 0x09, 0x20...0x7E, 0x80...0xFF: append(byte)
        default: break
        }
        return .more
    }

    /// A lone ESC is ignored, and must not swallow the next character.
    private mutating func escaped(_ byte: UInt8) -> Step {
        switch byte {
        case UInt8(ascii: "["):
            state = .sequence
            parameter = []
        case UInt8(ascii: "O"): state = .single
        default:
            state = .ground
            return typed(byte)
        }
        return .more
    }

    private mutating func sequence(_ byte: UInt8) -> Step {
        guard (0x40...0x7E).contains(byte) else {
            if parameter.count < 8 { parameter.append(byte) }
            return .more
        }
        state = byte == UInt8(ascii: "~") && parameter == Array("200".utf8) ? .paste : .ground
        return .more
    }

    private mutating func pasted(_ byte: UInt8) -> Step {
        if byte == LineEditor.pasteEnd[endMatched] {
            endMatched += 1
            guard endMatched == LineEditor.pasteEnd.count else { return .more }
            return endPaste()
        }
        for index in 0..<endMatched { content(LineEditor.pasteEnd[index]) }
        endMatched = 0
        if byte == LineEditor.pasteEnd[0] {
            endMatched = 1
        } else {
            content(byte)
        }
        return .more
    }

    private mutating func endPaste() -> Step {
        state = .ground
        endMatched = 0
        if pendingBreak, lines == .several { append(0x0A) }
        pendingBreak = false
        afterReturn = false
        return refusal ?? .more
    }

    /// Takes a byte of a paste. CR, LF and CRLF are one line break each; in a field of one line the last one is ignored.
    private mutating func content(_ byte: UInt8) {
        let breakDone = afterReturn && byte == 0x0A
        afterReturn = byte == 0x0D
        if breakDone { return }
        if byte == 0x0A || byte == 0x0D {
            if pendingBreak, lines != .one { takeBreak() }
            pendingBreak = true
        } else {
            if pendingBreak { takeBreak() }
            pendingBreak = false
            append(byte)
        }
    }

    private mutating func takeBreak() {
        switch lines {
        case .one: refusal = .severalLines
        case .several: append(0x0A)
        case .list: append(UInt8(ascii: ","))
        }
    }

    private mutating func append(_ byte: UInt8) {
        guard unsafe count < buffer.count - 1 else {
            if refusal == nil { refusal = .tooLong }
            return
        }
        unsafe buffer[count] = byte
        count += 1
    }

    private var lineStart: Int {
        guard lines == .several else { return 0 }
        var index = count
        while index > 0, unsafe buffer[index - 1] != 0x0A { index -= 1 }
        return index
    }

    private mutating func erase(to start: Int) {
        while count > start {
            count -= 1
            unsafe buffer[count] = 0
        }
        if count == 0 { refusal = nil }
    }

    private mutating func eraseCharacter() {
        guard count > 0 else { return }
        var index = count - 1
        while index > 0, count - index < 4, unsafe buffer[index] & 0xC0 == 0x80 { index -= 1 }
        erase(to: index)
    }

    private mutating func eraseWord() {
        var index = count
        while index > 0, unsafe buffer[index - 1] == 0x20 { index -= 1 }
        while index > 0, unsafe buffer[index - 1] > 0x20 { index -= 1 }
        erase(to: index)
    }
}
