import CYAML

/// What a YAML text consists of, one after the other (YAML 1.1, section 3.1: the serialization tree's events).
enum Event {
    case scalar(Node.Scalar)
    case beginSequence(Spot), beginMapping(Spot)
    case endSequence, endMapping
    case beginDocument(Spot)
    case endOfText
    /// An anchor (`&x`) on what is here, or an alias (`*x`) in its place.
    case anchored(Spot)
    /// What says nothing of the content.
    case other
}

/// Why a text is read no further.
struct UnreadableYAML: Error {
    let spot: Spot
    let message: String
    var hint: String?
}

/// Reads the events of a text by libyaml.
@safe final class EventReader {
    // Both stay where they are, since libyaml keeps their addresses.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) {
        // A byte order mark is no part of the text (Unicode 23.8).
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        unsafe bytes = .allocate(capacity: text.utf8.count)
        _ = unsafe bytes.initialize(fromContentsOf: text.utf8)
        unsafe parser.initialize(to: yaml_parser_t())
        // Without memory for it there is no first event, and that is said.
        guard unsafe yaml_parser_initialize(parser) != 0 else { return }
        unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe bytes.deallocate()
    }

    func next() throws(UnreadableYAML) -> Event {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) != 0, unsafe event.type != YAML_NO_EVENT else {
            throw unreadable()
        }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe Event(event)
    }

    private func unreadable() -> UnreadableYAML {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
        // A text with characters that YAML has not tells no line.
        let isPlaced =
            unsafe parser.pointee.error == YAML_SCANNER_ERROR || parser.pointee.error == YAML_PARSER_ERROR
        return UnreadableYAML(
            spot: isPlaced ? unsafe Spot(parser.pointee.problem_mark) : Spot(line: 1, column: 1),
            message: "this is not YAML: \(problem)",
            hint: "text with ': ', ' #', or one of {[*&!|>%@` in front is written in quotes")
    }
}

extension Spot {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}

extension Event {
    fileprivate init(_ event: yaml_event_t) {
        let spot = unsafe Spot(event.start_mark)
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
            case _ where isAnchored: .anchored(spot)
            case YAML_SCALAR_EVENT: unsafe .scalar(Node.Scalar(event.data.scalar, spot))
            case YAML_SEQUENCE_START_EVENT: .beginSequence(spot)
            case YAML_SEQUENCE_END_EVENT: .endSequence
            case YAML_MAPPING_START_EVENT: .beginMapping(spot)
            case YAML_MAPPING_END_EVENT: .endMapping
            case YAML_DOCUMENT_START_EVENT: .beginDocument(spot)
            case YAML_STREAM_END_EVENT: .endOfText
            default: .other
            }
    }
}

extension Node.Scalar {
    fileprivate init(_ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar, _ spot: Spot) {
        string = unsafe String(
            decoding: UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length)), as: UTF8.self)
        style =
            switch unsafe scalar.style {
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
            default: .plain
            }
        self.spot = spot
    }
}
