import NIOCore
import NIOHTTP1

/// Detects response bodies in which secrets cannot be masked, because they are compressed or otherwise encoded.
///
/// Every request has `Accept-Encoding: identity`. A response that is encoded nevertheless is rejected, not decoded, so
/// that exactly the bytes that the client reads are masked. An encoding is declared by `Content-Encoding` or
/// `Transfer-Encoding` (RFC 9110, section 8.4; RFC 9112, section 7), or recognized in the first bytes. Formats without
/// a signature (brotli, raw deflate, UTF-16) are recognized only if the body is declared as text or has no type, since
/// text contains few control characters. Documents with compressed parts (ZIP, PDF, images) pass if they are declared
/// as such.
struct ContentCodingDetector {
    /// The result of examining some bytes.
    enum Verdict {
        case plain(ByteBuffer)
        /// More bytes are needed; these are held back.
        case undecided
        case coded
    }

    private let isText: Bool
    private var held = ByteBuffer()
    private var isSignatureChecked = false
    /// How many more bytes to examine.
    private var rest = 1024

    init(_ headers: HTTPHeaders) { isText = headers.declaresText }

    mutating func take(_ bytes: ByteBuffer) -> Verdict {
        guard rest > 0 else { return .plain(bytes) }
        var bytes = bytes
        if held.readableBytes > 0 {
            held.writeImmutableBuffer(bytes)
            (bytes, held) = (held, ByteBuffer())
        }
        let view = bytes.readableBytesView
        if !isSignatureChecked {
            switch Self.signature(of: view, isText: isText) {
            case .found: return .coded
            case .possible:
                held = bytes
                return .undecided
            case .none: isSignatureChecked = true
            }
        }
        if isText, view.prefix(rest).contains(where: Self.isBinary) { return .coded }
        rest -= min(rest, view.count)
        return .plain(bytes)
    }

    /// Returns the bytes that are still held back at the end of the body.
    mutating func finish() -> ByteBuffer? {
        defer { held = ByteBuffer() }
        return held.readableBytes > 0 ? held : nil
    }

    private enum Signature { case found, possible, none }

    private static func signature(of bytes: ByteBufferView, isText: Bool) -> Signature {
        if bytes.count >= 2, isZlib(bytes[bytes.startIndex], bytes[bytes.startIndex + 1], isText: isText) {
            return .found
        }
        let known = isText ? signatures + archives : signatures
        if known.contains(where: { bytes.starts(with: $0) }) { return .found }
        let isShort = bytes.count < 2 && bytes.allSatisfy { $0 & 0x8f == 0x08 }
        return isShort || known.contains(where: { $0.starts(with: bytes) }) ? .possible : .none
    }

    /// Whether the bytes are the header of a zlib stream (RFC 1950, section 2.2), which HTTP calls deflate. In text,
    /// headers that are also UTF-8, such as `x^`, do not count.
    private static func isZlib(_ first: UInt8, _ second: UInt8, isText: Bool) -> Bool {
        let hasDictionary = second & 0x20 != 0
        guard first & 0x8f == 0x08, !hasDictionary, (UInt16(first) << 8 | UInt16(second)) % 31 == 0 else {
            return false
        }
        return !isText || first == 0x78 && (second == 0x01 || second >= 0x80)
    }

    /// The first bytes of compressed formats.
    private static let signatures: [[UInt8]] =
        [
            [0x1f, 0x8b],  // gzip
            [0x1f, 0x9d], [0x1f, 0xa0],  // compress
            [0x1f, 0x1e],  // pack
            [0x28, 0xb5, 0x2f, 0xfd], [0x37, 0xa4, 0x30, 0xec],  // zstd, a zstd dictionary
            [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],  // xz
            Array("LZIP\u{1}".utf8),
            [0x5d, 0x00, 0x00],  // lzma
            [0x04, 0x22, 0x4d, 0x18], [0x02, 0x21, 0x4c, 0x18],  // lz4
            [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59],  // snappy
            [0x89, 0x4c, 0x5a, 0x4f, 0x00],  // lzop
        ]
        + (1...9).flatMap { level in
            // bzip2: a block, or the end of an empty stream.
            [
                Array("BZh\(level)1AY&SY".utf8),
                Array("BZh\(level)".utf8) + [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
            ]
        }

    /// The first bytes of archives, which are rejected only in text.
    private static let archives: [[UInt8]] = [
        Array("PK\u{3}\u{4}".utf8), Array("7z".utf8) + [0xbc, 0xaf, 0x27, 0x1c], Array("Rar!\u{1a}".utf8),
    ]

    /// Whether a byte does not occur in text: a control character other than those for layout, record separation and
    /// escape sequences.
    private static func isBinary(_ byte: UInt8) -> Bool {
        byte < 0x1b && byte != 0x01 && !(0x07...0x0d).contains(byte)
    }
}

extension HTTPHeaders {
    /// Whether the headers declare a coding that must be decoded before the body can be read.
    var declaresContentCoding: Bool {
        let contents = self[canonicalForm: "content-encoding"]
        if contents.contains(where: { !$0.isEmpty && $0.lowercased() != "identity" }) { return true }
        let transfers = self[canonicalForm: "transfer-encoding"]
        return !transfers.isEmpty && transfers.map { $0.lowercased() } != ["chunked"]
    }

    /// Whether the media type is text. A body without a type counts as text.
    fileprivate var declaresText: Bool {
        guard let value = first(name: "content-type") else { return true }
        let type = value.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        return type.isEmpty || type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml")
            || type.hasSuffix("+yaml") || Self.textTypes.contains(type)
    }

    private static let textTypes: Set<String> = [
        "application/json", "application/xml", "application/javascript", "application/x-javascript",
        "application/ecmascript", "application/x-www-form-urlencoded", "application/graphql",
        "application/ndjson", "application/x-ndjson", "application/jsonl", "application/jsonlines",
        "application/json-seq", "application/yaml", "application/x-yaml", "application/toml",
        "application/csv", "application/sql", "application/x-sh", "application/x-pem-file",
    ]
}
