import CPlatform

/// The arguments of this process, without the program's name.
package enum ProcessArguments {
    /// The arguments as passed by the kernel.
    ///
    /// `CommandLine` reads /proc, and is empty if that fails (cases 92, 93). It is used only where the C library does
    /// not pass the arguments to initializers.
    package static let all: [String] = {
        var count: Int32 = 0
        guard let words = unsafe platform_arguments(&count) else {
            return Array(CommandLine.arguments.dropFirst())
        }
        return (0..<Int(count)).dropFirst().compactMap { unsafe words[$0].map { unsafe String(cString: $0) } }
    }()
}
