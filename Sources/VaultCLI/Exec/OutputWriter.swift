import Libc
import VaultMasking

/// Buffered output to one of this process' streams, in wiped memory.
final class OutputWriter {
    private static let capacity = 65_536

    private let descriptor: Int32
    private lazy var memory = WipedMemory(count: Self.capacity)
    private var count = 0
    private let interrupted: () -> Void

    /// The errno of a failed write; nothing is written after it.
    private(set) var failure: Int32?

    /// - Parameter interrupted: Called when a signal interrupts a write, before it is retried.
    init(to descriptor: Int32, interrupted: @escaping () -> Void) {
        self.descriptor = descriptor
        self.interrupted = interrupted
    }

    /// Buffers the bytes, or writes them at once if they are many.
    func append(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > Self.capacity - count { flush() }
        guard bytes.count <= Self.capacity / 2 else { return unsafe send(bytes) }
        unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    func flush() {
        guard count > 0 else { return }
        unsafe send(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]))
        count = 0
    }

    private func send(_ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe bytes
        while rest.count > 0, failure == nil {
            let written = unsafe write(descriptor, rest.baseAddress!, rest.count)
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

    /// Waits, because another process made the shared stream nonblocking; it stays so.
    private func waitUntilWritable() {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if unsafe poll(&entry, 1, -1) < 0 { interrupted() }
    }
}
