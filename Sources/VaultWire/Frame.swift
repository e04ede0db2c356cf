// VaultWire is the protocol between the commands and the agent (docs/agent.md), and the client side of it. It uses no
// event loop and no HTTP library, since linking one slows the start of every command.

public import VaultMemory

/// A frame of the agent protocol: a kind, a JSON header, and a body of secrets or of a chunk's bytes.
///
/// Layout: kind (1 byte), zero (1 byte), number of secrets (2 bytes), length of the header (4), length of the body (4),
/// length of each secret (4 each), header, body. Numbers are little endian. Secrets are written from locked memory and
/// read into it.
public struct Frame: Sendable {
    /// The type of a frame.
    public enum Kind: UInt8, Sendable {
        /// The first frame of each side, with its protocol version.
        case hello = 1
        /// A request, from the client.
        case request = 2
        /// The answer to a request.
        case answer = 3
        /// A `VaultError`, in place of an answer.
        case failure = 4
        /// A `Notice`, before the answer.
        case notice = 5
        /// A chunk of the request's or the answer's stream.
        case chunk = 6
        /// The end of the stream in this direction.
        case end = 7
        /// The client no longer waits for the answer.
        case cancel = 8
    }

    /// Upper bounds. A frame that announces more is rejected before memory is allocated for it.
    public enum Limit {
        /// Bytes of a header. A bundle of about ten thousand connections is a single string.
        static let header = 1 << 24
        /// Bytes of a body.
        static let body = 1 << 20
        /// Secrets in a frame.
        static let secrets = 1024
        /// Bytes of a stream that are sent in one frame.
        public static let chunk = 1 << 16
    }

    /// Bytes of the fixed-size fields.
    static let prefix = 12

    /// The type of the frame.
    public let kind: Kind
    /// A JSON document; empty for the kinds without one.
    let header: [UInt8]
    /// The secrets in the body.
    public let secrets: [SharedSecret]
    /// The bytes of a chunk.
    public let bytes: [UInt8]

    /// A frame of any kind but a chunk.
    public init(_ kind: Kind, header: [UInt8] = [], secrets: [SharedSecret] = []) {
        (self.kind, self.header, self.secrets, self.bytes) = (kind, header, secrets, [])
    }

    /// A chunk of a stream, of at most `Limit.body` bytes.
    public init(chunk bytes: [UInt8]) {
        (kind, header, secrets, self.bytes) = (.chunk, [], [], bytes)
    }

    /// The size of the encoded frame, in bytes.
    public var size: Int { Self.prefix + 4 * secrets.count + header.count + bodySize }

    private var bodySize: Int { secrets.isEmpty ? bytes.count : secrets.reduce(0) { $0 + $1.bytes.count } }

    /// Whether the frame is within `Limit`.
    var fits: Bool {
        header.count <= Limit.header && bodySize <= Limit.body && secrets.count <= Limit.secrets
    }

    /// Passes the encoded frame to `sink` in pieces. Secrets are passed from locked memory, without a copy.
    ///
    /// - Throws: What `sink` throws.
    public func write<E>(_ sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        var plain: [UInt8] = [kind.rawValue, 0]
        plain.reserveCapacity(Self.prefix + 4 * secrets.count + header.count + bytes.count)
        func append(_ number: Int, _ size: Int) {
            for place in 0..<size { plain.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
        }
        append(secrets.count, 2)
        append(header.count, 4)
        append(bodySize, 4)
        for secret in secrets { append(secret.bytes.count, 4) }
        plain += header
        plain += bytes
        try unsafe plain.withUnsafeBufferPointer { plain throws(E) in
            try unsafe sink(UnsafeRawBufferPointer(plain))
        }
        for secret in secrets { try unsafe secret.bytes.withUnsafeBytes(sink) }
    }
}
