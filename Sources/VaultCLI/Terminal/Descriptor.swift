// Results go to stdout through `Output`; errors, warnings and progress to stderr; prompts to the terminal itself, never
// to a stream that may be redirected. Text from a vault or a provider is written through `SafeText`. A secret is read
// by `SecretSource` or `HiddenPrompt` into `SecretBytes`, and is never written.

import CPlatform
import Libc

/// System calls on a file descriptor, retried when a signal interrupts them.
enum Descriptor {
    /// Writes all bytes.
    ///
    /// - Returns: 0, or the error number.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        unsafe platform_write_all(descriptor, bytes.baseAddress, bytes.count) == 0 ? 0 : errno
    }

    /// Writes text and ignores errors: for messages that are not the result.
    static func writeBestEffort(_ text: String, to descriptor: Int32 = STDERR_FILENO) {
        var text = text
        text.withUTF8 { bytes in
            _ = unsafe write(UnsafeRawBufferPointer(bytes), to: descriptor)
        }
    }

    /// Reads once.
    ///
    /// - Returns: The number of bytes, 0 at the end of the file, or the negated error number.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = unsafe platform_read(descriptor, buffer.baseAddress, buffer.count)
        return count < 0 ? -Int(errno) : count
    }

    /// Whether the descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The system's text for an error number.
    static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    /// A variable of the environment, nil when it is unset or empty.
    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
        return unsafe String(cString: value)
    }
}
