import Libc
import VaultMasking

/// Copies one output stream of the child to one of this process, and masks secrets in it.
final class MaskedStream {
    /// Nanoseconds without output after which a held partial match is released (`Masker.release`).
    static let pause: UInt64 = 50_000_000

    let source: OpenDescriptor
    private let writer: OutputWriter
    /// Created on first use: most commands write nothing to stderr.
    private var masker: Masker?
    private let patterns: () -> PatternSet
    /// When bytes last arrived, while a partial match is held.
    private var waitingSince: UInt64?
    /// Whether to read on after our own stream has failed. A terminal's master is also the child's input.
    private let outlivesWriter: Bool
    /// Whether the source is a pipe, which ends when its last writer has closed it.
    var isPipe: Bool { !outlivesWriter }

    init(
        from source: OpenDescriptor, to number: Int32, patterns: @escaping () -> PatternSet,
        outlivesWriter: Bool, interrupted: @escaping () -> Void
    ) {
        self.source = source
        self.outlivesWriter = outlivesWriter
        writer = OutputWriter(to: number, interrupted: interrupted)
        self.patterns = patterns
    }

    /// The errno of a failed write, except that a closed reader is not a failure.
    var failure: Int32? { writer.failure == EPIPE || writer.failure == EIO ? nil : writer.failure }

    /// When to release a held partial match, if there is one.
    var releaseTime: UInt64? { waitingSince.map { $0 + Self.pause } }

    /// Copies the available bytes, and closes the stream at its end.
    ///
    /// - Returns: Whether there were any bytes.
    func pass() -> Bool {
        var masker = self.masker.take() ?? Masker(patterns())
        let taken = unsafe masker.take(
            { space in unsafe read(source.number, space.baseAddress!, space.count) },
            emit: { bytes in unsafe writer.append(bytes) })
        let isHolding = masker.isHolding
        self.masker = consume masker
        let ended = taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR)
        writer.flush()
        waitingSince = isHolding ? monotonicTime() : nil
        // The child sees a broken pipe, as if it wrote to our stream itself.
        if ended || (writer.failure != nil && !outlivesWriter) { end() }
        return taken > 0
    }

    func release() {
        unsafe masker?.release { bytes in unsafe writer.append(bytes) }
        writer.flush()
        waitingSince = nil
    }

    /// Writes what is held, and closes the source.
    func end() {
        guard source.isOpen else { return }
        unsafe masker?.finish { bytes in unsafe writer.append(bytes) }
        writer.flush()
        waitingSince = nil
        source.close()
    }
}

/// The monotonic clock, in nanoseconds.
func monotonicTime() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
