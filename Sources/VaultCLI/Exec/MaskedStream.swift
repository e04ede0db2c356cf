import VaultMasking

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One stream of the child on its way to one of ours.
final class MaskedStream {
    /// How long a child must be silent before a short held end is let through (`Masker.release`), in nanoseconds.
    static let pause: UInt64 = 50_000_000

    let source: OpenDescriptor
    private let writer: OutputWriter
    /// Made when there is something to read: to many commands' stderr nothing is written.
    private var masker: Masker?
    private let patterns: () -> PatternSet
    /// When bytes came last, while a held end waits to be let through.
    private var waitingSince: UInt64?
    /// A terminal's master is read to its end even if nobody takes the bytes: it is the child's keyboard as well.
    private let outlivesWriter: Bool
    /// When the last writer has closed it and there is nothing in it, this is its end.
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

    /// Why our own stream took no more; a reader that has gone is no failure.
    var failure: Int32? { writer.failure == EPIPE || writer.failure == EIO ? nil : writer.failure }

    /// When a held end is to be let through, if one waits for that.
    var releaseTime: UInt64? { waitingSince.map { $0 + Self.pause } }

    /// Passes on what is there; ends the stream at its end. Returns whether bytes came.
    func pass() -> Bool {
        let writer = self.writer
        let descriptor = source.number
        var masker = self.masker.take() ?? Masker(patterns())
        let taken = unsafe masker.take(
            { room in unsafe systemRead(descriptor, room.baseAddress!, room.count) },
            emit: { bytes in unsafe writer.append(bytes) })
        let isHolding = masker.isHolding
        self.masker = consume masker
        let ended = taken == 0 || (taken < 0 && errno != EAGAIN && errno != EINTR)
        writer.flush()
        waitingSince = isHolding ? monotonicTime() : nil
        // The child is to see what a program that writes there itself would see: a broken pipe.
        if ended || (writer.failure != nil && !outlivesWriter) { end() }
        return taken > 0
    }

    func release() {
        let writer = self.writer
        unsafe masker?.release { bytes in unsafe writer.append(bytes) }
        writer.flush()
        waitingSince = nil
    }

    /// Gives out what is held, and closes.
    func end() {
        guard source.isOpen else { return }
        let writer = self.writer
        unsafe masker?.finish { bytes in unsafe writer.append(bytes) }
        writer.flush()
        waitingSince = nil
        source.close()
    }
}

/// Nanoseconds of a clock that only goes forward.
func monotonicTime() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

private func systemRead(_ descriptor: Int32, _ start: UnsafeMutableRawPointer, _ count: Int) -> Int {
    unsafe read(descriptor, start, count)
}
