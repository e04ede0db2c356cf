import Libc

/// A file descriptor that is closed on deinitialization.
final class OpenDescriptor {
    private(set) var number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close() }

    /// Closes the descriptor. Closing it again does nothing.
    func close() {
        guard number >= 0 else { return }
        #if canImport(Glibc)
            _ = Glibc.close(number)
        #else
            _ = Darwin.close(number)
        #endif
        number = -1
    }

    var isOpen: Bool { number >= 0 }

    /// Creates a pipe that children do not inherit, with a nonblocking reading end.
    static func pipe() throws(ChildError) -> (reading: OpenDescriptor, writing: OpenDescriptor) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutablePointer(to: &ends) { pointer in
            unsafe pointer.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe makePipe($0) }
        }
        guard result == 0 else { throw .system(call: "pipe", code: errno) }
        for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pipe = (reading: OpenDescriptor(ends.0), writing: OpenDescriptor(ends.1))
        try pipe.reading.stopBlocking()
        return pipe
    }

    /// Makes the descriptor nonblocking.
    func stopBlocking() throws(ChildError) {
        while fcntl(number, F_SETFL, O_NONBLOCK) != 0 {
            guard errno == EINTR else { throw .system(call: "fcntl", code: errno) }
        }
    }

    /// Opens `/dev/null` for each of 0, 1 and 2 that is closed, so that a pipe does not get such a number.
    static func occupyStandardStreams() {
        while true {
            let number = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
            guard number >= 0 else { return }
            guard number <= 2 else {
                OpenDescriptor(number).close()
                return
            }
            _ = fcntl(number, F_SETFD, 0)
        }
    }
}

private func makePipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 { unsafe pipe(ends) }
