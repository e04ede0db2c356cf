// Terminal: the only voice of the program and its only ear.
//
// Results go to stdout through `Output`; errors, warnings and progress to stderr; questions to the terminal itself,
// never to a stream that somebody may have redirected. Nothing from a vault or a provider is written without
// `SafeText`. A secret enters through `SourceReader` or `HiddenPrompt`, straight into `SecretBytes`, and leaves never.

import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system calls of this folder on an open file, with interruptions handled.
enum Descriptor {
    /// Writes all bytes.
    ///
    /// Returns 0, or the system's error number.
    static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let written = unsafe systemWrite(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        return 0
    }

    /// Writes text, and lets an error pass: for what is said beside the result.
    static func say(_ text: String, to descriptor: Int32 = STDERR_FILENO) {
        var text = text
        text.withUTF8 { bytes in
            _ = unsafe write(UnsafeRawBufferPointer(bytes), to: descriptor)
        }
    }

    /// Reads once: the number of bytes, 0 at the end, or the negated error number.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = unsafe systemRead(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Whether the descriptor is a terminal.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// How the system names an error, in its own words.
    static func reason(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// A variable of the environment, nil when it is unset or empty.
    static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }
}

private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe write(descriptor, base, count)
}

private func systemRead(_ descriptor: Int32, _ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe read(descriptor, base, count)
}
