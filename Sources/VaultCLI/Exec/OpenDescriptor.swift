import CPlatform
import Libc

/// A file descriptor that is closed on deinitialization.
final class OpenDescriptor {
    private(set) var number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close() }

    /// Closes the descriptor. Closing it again does nothing.
    func close() {
        guard number >= 0 else { return }
        closeDescriptor(number)
        number = -1
    }

    var isOpen: Bool { number >= 0 }

    /// Creates a pipe that children do not inherit, with a nonblocking reading end.
    static func pipe() throws(ChildError) -> (reading: OpenDescriptor, writing: OpenDescriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe platform_pipe(&ends, 0) == 0 else { throw .system(call: "pipe", code: errno) }
        let pipe = (reading: OpenDescriptor(ends[0]), writing: OpenDescriptor(ends[1]))
        try pipe.reading.stopBlocking()
        return pipe
    }

    /// Makes the descriptor nonblocking.
    func stopBlocking() throws(ChildError) {
        while fcntl(number, F_SETFL, O_NONBLOCK) != 0 {
            guard errno == EINTR else { throw .system(call: "fcntl", code: errno) }
        }
    }
}

private func closeDescriptor(_ number: Int32) { close(number) }
