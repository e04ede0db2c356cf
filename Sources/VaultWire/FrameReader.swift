import VaultMemory

/// A frame that cannot be one: what comes behind it has no meaning either.
public enum FrameFault: Error, Equatable {
    case unknownKind
    case tooLarge
    /// The lengths contradict each other.
    case lengths
}

/// Puts frames together from bytes as they come, from a socket or from an event loop's buffers.
///
/// Memory is taken as bytes arrive, not as they are announced, and secrets go into locked memory of their own.
public struct FrameReader: ~Copyable {
    private var plain = [UInt8](repeating: 0, count: Frame.prefix)
    private var filled = 0
    private var shape: Shape?
    private var secrets: [SharedSecret] = []
    /// The secret that is being read, and its length.
    private var secret: SecretBytes?
    private var length: Int?

    /// The lengths that the first bytes of a frame tell.
    private struct Shape {
        let kind: Frame.Kind
        let secrets: Int
        let header: Int
        let body: Int
        var plain: Int { Frame.prefix + 4 * secrets + header + (secrets == 0 ? body : 0) }
    }

    public init() {}

    /// The bytes of memory that an unfinished frame has taken.
    public var held: Int { plain.count + secrets.reduce(length ?? 0) { $0 + $1.bytes.count } }

    /// Whether bytes of an unfinished frame are held.
    public var isInside: Bool { filled > 0 || shape != nil }

    /// Lends the memory that the next bytes belong into; `fill` says how many it wrote. A frame, when it is whole.
    public mutating func fill<E>(
        _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Result<Frame?, FrameFault> {
        if length != nil {
            let place = filled
            filled += try unsafe secret!.withUnsafeMutableBytes { bytes throws(E) in
                try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: bytes[place...]))
            }
        } else {
            let place = filled
            let result: Result<Int, E> = unsafe plain.withUnsafeMutableBytes { bytes in
                Result { () throws(E) in
                    try unsafe fill(UnsafeMutableRawBufferPointer(rebasing: bytes[place...]))
                }
            }
            filled += try result.get()
        }
        do throws(FrameFault) { return .success(try proceed()) } catch { return .failure(error) }
    }

    /// Takes bytes from `bytes`, beginning at `place`, until a frame is whole or there are none left.
    public mutating func take(
        _ bytes: UnsafeRawBufferPointer, from place: inout Int
    ) throws(FrameFault) -> Frame? {
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

    private mutating func proceed() throws(FrameFault) -> Frame? {
        if shape == nil, filled == Frame.prefix { shape = try readShape() }
        guard let shape else { return nil }
        if let length {
            guard filled == length else { return nil }
            secrets.append(SharedSecret(secret.take()!))
            self.length = nil
            return next(shape)
        }
        guard filled == shape.plain else {
            if filled == plain.count {
                let space = min(shape.plain - filled, 1 << 16)
                plain.append(contentsOf: repeatElement(0, count: space))
            }
            return nil
        }
        guard shape.secrets > 0 else { return finish(shape) }
        var sum = 0
        for number in 0..<shape.secrets { sum += size(of: number) }
        guard sum == shape.body else { throw .lengths }
        return next(shape)
    }

    /// Begins with the next secret that has any bytes; the frame, when there is none left.
    private mutating func next(_ shape: Shape) -> Frame? {
        while secrets.count < shape.secrets {
            let count = size(of: secrets.count)
            if count > 0 {
                secret = SecretBytes(count: count)
                (length, filled) = (count, 0)
                return nil
            }
            secrets.append(SharedSecret(SecretBytes(count: 0)))
        }
        return finish(shape)
    }

    private mutating func finish(_ shape: Shape) -> Frame {
        let start = Frame.prefix + 4 * shape.secrets
        let frame =
            shape.kind == .chunk
            ? Frame(chunk: Array(plain[(start + shape.header)..<shape.plain]))
            : Frame(shape.kind, header: Array(plain[start..<start + shape.header]), secrets: secrets)
        (plain, filled) = ([UInt8](repeating: 0, count: Frame.prefix), 0)
        (self.shape, secrets) = (nil, [])
        return frame
    }

    private func readShape() throws(FrameFault) -> Shape {
        guard let kind = Frame.Kind(rawValue: plain[0]), plain[1] == 0 else { throw .unknownKind }
        let shape = Shape(
            kind: kind, secrets: number(at: 2, 2), header: number(at: 4, 4), body: number(at: 8, 4))
        guard shape.secrets <= Frame.Limit.secrets, shape.header <= Frame.Limit.header,
            shape.body <= Frame.Limit.body
        else { throw .tooLarge }
        // A chunk is its body alone; what it would have besides could be written by nobody.
        let isBare = shape.header == 0 && shape.secrets == 0
        guard kind == .chunk ? isBare : shape.secrets > 0 || shape.body == 0 else { throw .lengths }
        return shape
    }

    private func size(of secret: Int) -> Int { number(at: Frame.prefix + 4 * secret, 4) }

    private func number(at place: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 | Int(plain[place + $1]) << (8 * $1) }
    }
}
