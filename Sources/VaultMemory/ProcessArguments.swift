import CPlatform

/// The arguments of this process, without the program's name.
package enum ProcessArguments {
    /// As the kernel passed them. `CommandLine` of Swift's runtime reads them from /proc, and has none where that cannot be
    /// read (cases 92, 93): it is asked only where the C library keeps them from us.
    package static let all: [String] = {
        var count: Int32 = 0
        guard let words = unsafe platform_arguments(&count) else {
            return Array(CommandLine.arguments.dropFirst())
        }
        return (0..<Int(count)).dropFirst().compactMap { unsafe words[$0].map { unsafe String(cString: $0) } }
    }()
}
