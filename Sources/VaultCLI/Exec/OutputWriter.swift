import VaultMasking

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes to one of this process' own streams, small pieces together.
final class OutputWriter {
    private static let room = 65_536

    private let descriptor: Int32
    private lazy var memory = WipedMemory(count: Self.room)
    private var count = 0
    private let interrupted: () -> Void

    /// The errno with which a write failed; nothing is written after that.
    private(set) var failure: Int32?

    /// `interrupted` is called when a signal ends a blocked write, before it goes on.
    init(to descriptor: Int32, interrupted: @escaping () -> Void) {
        self.descriptor = descriptor
        self.interrupted = interrupted
    }

    /// Collects a piece, or writes it at once when it is large.
    func append(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > Self.room - count { flush() }
        guard bytes.count <= Self.room / 2 else { return unsafe write(bytes) }
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    func flush() {
        guard count > 0 else { return }
        unsafe write(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
        count = 0
    }

    private func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe bytes
        while rest.count > 0, failure == nil {
            let written = unsafe systemWrite(descriptor, rest.baseAddress!, rest.count)
            if written >= 0 {
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                if rest.count > 0 { interrupted() }
                continue
            }
            switch errno {
            case EINTR: interrupted()
            case EAGAIN: waitUntilWritable()
            default: failure = errno
            }
        }
    }

    /// Somebody else made our stream non-blocking; it is theirs as well, so it stays so.
    private func waitUntilWritable() {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if unsafe poll(&entry, 1, -1) < 0 { interrupted() }
    }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    unsafe write(descriptor, start, count)
}
