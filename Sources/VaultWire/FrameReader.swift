import VaultMemory

/// An invalid frame. The bytes after it cannot be interpreted.
public enum FrameError: Error, Equatable {
    /// The kind is not one of `Frame.Kind`.
    case unknownKind
    /// A length exceeds `Frame.Limit`.
    case tooLarge
    /// The lengths contradict each other.
    case lengths
}

/// Decodes frames incrementally, from a socket or from an event loop's buffers.
///
/// Memory is allocated as bytes arrive, not as lengths announce them. Secrets are read into locked memory.
public struct FrameReader: ~Copyable {
    private var plain = [UInt8](repeating: 0, count: Frame.prefix)
    private var filled = 0
    private var shape: Shape?
    private var secrets: [SharedSecret] = []
    /// The secret being read, and its length.
    private var secret: SecretBytes?
    private var length: Int?

    /// The fixed-size fields of a frame.
    private struct Shape {
        let kind: Frame.Kind
        let secrets: Int
        let header: Int
        let body: Int
        /// Bytes of the frame outside locked memory.
        var plain: Int { Frame.prefix + 4 * secrets + header + (secrets == 0 ? body : 0) }
    }

    /// A reader at the start of a stream.
    public init() {}

    /// Bytes of memory that the incomplete frame occupies; 0 between frames.
    public var bufferedBytes: Int {
        guard filled > 0 || shape != nil else { return 0 }
        return plain.count + secrets.reduce(length ?? 0) { $0 + $1.bytes.count }
    }

    /// Reads bytes straight into the memory where they belong.
    ///
    /// - Parameter fill: Writes to the start of the buffer, and returns the number of bytes written.
    /// - Returns: The frame, if it is complete.
    /// - Throws: What `fill` throws.
    mutating func fill<E>(
        _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Result<Frame?, FrameError> {
        let place = filled
        if length != nil {
            filled += try unsafe secret!.withUnsafeMutableBytes { bytes throws(E) in
                try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: bytes[place...]))
            }
        } else {
            filled += try unsafe plain.withUnsafeMutableBufferPointer { bytes throws(E) in
                try unsafe fill(
                    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[place...])))
            }
        }
        do throws(FrameError) { return .success(try proceed()) } catch { return .failure(error) }
    }

    /// Consumes bytes, starting at index `place`, until a frame is complete or no bytes are left.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were received.
    ///   - place: The index of the first unread byte, on entry and on return.
    /// - Returns: The frame, if it is complete.
    /// - Throws: `FrameError`.
    public mutating func take(
        _ bytes: UnsafeRawBufferPointer, from place: inout Int
    ) throws(FrameError) -> Frame? {
        while place < bytes.count {
            let step = unsafe fill { space in
                let count = min(space.count, bytes.count - place)
                unsafe space.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + count]))
                place += count
                return count
            }
            if let frame = try step.get() { return frame }
        }
        return nil
    }

    private mutating func proceed() throws(FrameError) -> Frame? {
        if shape == nil, filled == Frame.prefix { shape = try readShape() }
        guard let shape else { return nil }
        if let length {
            guard filled == length else { return nil }
            secrets.append(SharedSecret(secret.take()!))
            self.length = nil
        } else if filled < shape.plain {
            if filled == plain.count {
                let space = min(shape.plain - filled, 1 << 16)
                plain.append(contentsOf: repeatElement(0, count: space))
            }
            return nil
        } else if shape.secrets > 0, sizeOfSecrets(shape) != shape.body {
            throw .lengths
        }
        return finish(shape)
    }

    /// Prepares to read the next secret that is not empty; returns the frame if there is none.
    private mutating func finish(_ shape: Shape) -> Frame? {
        while secrets.count < shape.secrets {
            let count = size(of: secrets.count)
            if count > 0 {
                secret = SecretBytes(count: count)
                (length, filled) = (count, 0)
                return nil
            }
            secrets.append(SharedSecret(SecretBytes(count: 0)))
        }
        let start = Frame.prefix + 4 * shape.secrets
        let frame =
            shape.kind == .chunk
            ? Frame(chunk: Array(plain[(start + shape.header)..<shape.plain]))
            : Frame(shape.kind, header: Array(plain[start..<start + shape.header]), secrets: secrets)
        (plain, filled) = ([UInt8](repeating: 0, count: Frame.prefix), 0)
        (self.shape, secrets) = (nil, [])
        return frame
    }

    private func readShape() throws(FrameError) -> Shape {
        guard let kind = Frame.Kind(rawValue: plain[0]), plain[1] == 0 else { throw .unknownKind }
        let shape = Shape(
            kind: kind, secrets: number(at: 2, 2), header: number(at: 4, 4), body: number(at: 8, 4))
        guard shape.secrets <= Frame.Limit.secrets, shape.header <= Frame.Limit.header,
            shape.body <= Frame.Limit.body
        else { throw .tooLarge }
        // A chunk has a body only: `Frame` cannot represent a chunk with a header or secrets.
        let isBare = shape.header == 0 && shape.secrets == 0
        guard kind == .chunk ? isBare : shape.secrets > 0 || shape.body == 0 else { throw .lengths }
        return shape
    }

    private func sizeOfSecrets(_ shape: Shape) -> Int { (0..<shape.secrets).reduce(0) { $0 + size(of: $1) } }

    private func size(of secret: Int) -> Int { number(at: Frame.prefix + 4 * secret, 4) }

    private func number(at place: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(plain[place + $1]) << (8 * $1) }
    }
}
