// The room VaultWire: what the command line and the agent say to each other, and the command line's end of it.
// Frames over a Unix socket, written in docs/agent.md. No event loop and no HTTP library: linking one costs every
// command its start.

public import VaultMemory

/// One frame: a kind, a header of JSON text, and beside it secrets, or the bytes of a stream.
///
/// Layout: kind (1 byte), a zero byte, number of secrets (LE16), length of the header (LE32), length of the body
/// (LE32); the length of each secret (LE32); the header; the body, which is the secrets one after another, or where
/// there are none the bytes. Secrets are written from locked memory and read into it.
public struct Frame: Sendable {
    public enum Kind: UInt8, Sendable {
        /// The first of each side: which protocol it speaks.
        case hello = 1
        case question = 2
        case answer = 3
        /// In place of an answer: a `VaultError`.
        case failure = 4
        /// A `Notice`, before the answer.
        case notice = 5
        /// A piece of a stream that belongs to the question or its answer.
        case chunk = 6
        /// The end of the stream in this direction.
        case end = 7
        /// The asker waits for no answer any more.
        case cancel = 8
    }

    /// What a frame may hold at most: no length is believed beyond it, and nothing allocated.
    public enum Limit {
        /// A bundle of some ten thousand connections is one text.
        public static let header = 1 << 24
        public static let body = 1 << 20
        public static let secrets = 1024
        /// How much of a stream goes into one frame.
        public static let chunk = 1 << 16
    }

    static let prefix = 12

    public let kind: Kind
    public let header: [UInt8]
    public let secrets: [SharedSecret]
    public let bytes: [UInt8]

    public init(_ kind: Kind, header: [UInt8] = [], secrets: [SharedSecret] = []) {
        (self.kind, self.header, self.secrets, self.bytes) = (kind, header, secrets, [])
    }

    /// A piece of a stream, of at most `Limit.body` bytes.
    public init(chunk bytes: [UInt8]) {
        (kind, header, secrets, self.bytes) = (.chunk, [], [], bytes)
    }

    public var size: Int { Self.prefix + 4 * secrets.count + header.count + bodySize }

    private var bodySize: Int { secrets.isEmpty ? bytes.count : secrets.reduce(0) { $0 + $1.bytes.count } }

    /// Whether a reader would take it.
    public var fits: Bool {
        header.count <= Limit.header && bodySize <= Limit.body && secrets.count <= Limit.secrets
    }

    /// Hands out the bytes of the frame piece by piece; the secrets are lent from where they are.
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
        let result: Result<Void, E> = unsafe plain.withUnsafeBytes { plain in
            Result { () throws(E) in try unsafe sink(plain) }
        }
        try result.get()
        for secret in secrets { try unsafe secret.bytes.withUnsafeBytes(sink) }
    }
}
