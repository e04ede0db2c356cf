import CYAML

/// A parsing event (YAML 1.1, section 3.1: the serialization tree).
enum Event {
    case scalar(Node.Scalar)
    case beginSequence(SourcePosition), beginMapping(SourcePosition), beginDocument(SourcePosition)
    case endOfText
    /// A node with an anchor (`&x`), or an alias (`*x`).
    case anchored(SourcePosition)
    /// The end of a node, or an event without content.
    case other
}

/// The text cannot be read past a position.
struct UnreadableYAML: Error {
    let position: SourcePosition
    let message: String
    let hint: String?

    init(_ position: SourcePosition, _ message: String, _ hint: String? = nil) {
        (self.position, self.message, self.hint) = (position, message, hint)
    }
}

/// Reads the events of a text with libyaml.
@safe final class EventReader {
    // Allocated, because libyaml keeps both addresses.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) {
        // A byte order mark is not part of the text (Unicode, section 23.8).
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        unsafe bytes = .allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(fromContentsOf: text.utf8)
        unsafe parser.initialize(to: yaml_parser_t())
        // If this fails for lack of memory, the first call of `next` throws.
        guard unsafe yaml_parser_initialize(parser) != 0 else { return }
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe bytes.deallocate()
    }

    /// Returns the next event.
    ///
    /// - Throws: `UnreadableYAML` if the text is not YAML at this point.
    func next() throws(UnreadableYAML) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) != 0, unsafe event.type != YAML_NO_EVENT else {
            throw unreadable()
        }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe Event(event)
    }

    private func unreadable() -> UnreadableYAML {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "unreadable"
        // libyaml has no line for a character that YAML does not allow.
        let hasPosition =
            unsafe parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR
        return UnreadableYAML(
            hasPosition ? unsafe SourcePosition(parser.pointee.problem_mark) : .start,
            "invalid YAML: \(problem)",
            "put quotes around text that has ': ' or ' #' in it, or begins with one of {[*&!|>%@`")
    }
}

extension SourcePosition {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

extension Event {
    fileprivate init(_ event: yaml_event_t) {
        let position = unsafe SourcePosition(event.start_mark)
        let isAnchored =
            switch unsafe event.type {
            case YAML_ALIAS_EVENT: true
            case YAML_SCALAR_EVENT: unsafe event.data.scalar.anchor != nil
            case YAML_SEQUENCE_START_EVENT: unsafe event.data.sequence_start.anchor != nil
            case YAML_MAPPING_START_EVENT: unsafe event.data.mapping_start.anchor != nil
            default: false
            }
        self =
            switch unsafe event.type {
            case _ where isAnchored: .anchored(position)
            case YAML_SCALAR_EVENT: unsafe .scalar(Node.Scalar(event.data.scalar, position))
            case YAML_SEQUENCE_START_EVENT: .beginSequence(position)
            case YAML_MAPPING_START_EVENT: .beginMapping(position)
            case YAML_DOCUMENT_START_EVENT: .beginDocument(position)
            case YAML_STREAM_END_EVENT: .endOfText
            default: .other
            }
    }
}

extension Node.Scalar {
    fileprivate init(
        _ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar, _ position: SourcePosition
    ) {
        string = unsafe String(
            decoding: UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length)), as: UTF8.self)
        style =
            switch unsafe scalar.style {
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
            default: .plain
            }
        self.position = position
    }
}
