import CPlatform
import Libc
import VaultMemory

/// The arguments of `execve` for a command, prepared in C memory.
///
/// Allocation is not allowed between fork and exec, so everything is allocated here.
@safe final class ChildCommand {
    private typealias CString = UnsafeMutablePointer<CChar>

    let name: String
    let environment: EnvironmentBlock
    var platform = unsafe platform_command()

    private var tables: [UnsafeMutableBufferPointer<CString?>] = unsafe []

    init(
        _ arguments: [String], environment: consuming ChildEnvironment, starting: LaunchState
    ) throws(ChildError) {
        Progress.erase()
        guard let name = arguments.first, !name.isEmpty else { throw .noCommand }
        self.name = name
        self.environment = environment.build()
        let paths = Self.candidates(name, path: self.environment.value(of: "PATH"))
        unsafe platform.candidates = unsafe UnsafePointer(table(paths))
        unsafe platform.arguments = unsafe UnsafePointer(table(arguments))
        unsafe platform.shell_arguments = unsafe table(["sh", name] + arguments.dropFirst())
        unsafe platform.environment = unsafe UnsafePointer(self.environment.pointers)
        unsafe (platform.input, platform.output, platform.error) = (-1, -1, -1)
        unsafe platform.core_soft = starting.coreLimit.soft
        unsafe platform.core_hard = starting.coreLimit.hard
        unsafe platform.ignores_broken_pipe = starting.ignoresBrokenPipe ? 1 : 0
        unsafe platform.ignores_file_size = starting.ignoresFileSize ? 1 : 0
    }

    deinit {
        unsafe tables.forEach { table in
            unsafe table.forEach { unsafe free($0) }
            unsafe table.deallocate()
        }
    }

    /// The paths to try for a command, in order.
    ///
    /// A name with a slash is a path. An empty part of `path` is the current folder, as POSIX says; without a `path`, the
    /// system folders are searched.
    static func candidates(_ name: String, path: String?) -> [String] {
        if name.utf8.contains(UInt8(ascii: "/")) { return [name] }
        let folders = (path ?? "/usr/bin:/bin").utf8.split(
            separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        return folders.map { $0.isEmpty ? "./" + name : String(Substring($0)) + "/" + name }
    }

    func error(call: String, code: Int32) -> ChildError {
        switch code {
        case ENOENT, ENOTDIR: .notFound(command: name)
        case E2BIG: .tooLong(command: name)
        case EACCES, EPERM, EISDIR, ENOEXEC, ELOOP, ETXTBSY: .notExecutable(path: name)
        default: .system(call: call, code: code)
        }
    }

    private func table(_ texts: [String]) -> UnsafeMutablePointer<CString?> {
        let table = UnsafeMutableBufferPointer<CString?>.allocate(capacity: texts.count + 1)
        unsafe table.initialize(repeating: nil)
        for (index, text) in texts.enumerated() { unsafe table[index] = unsafe strdup(text)! }
        unsafe tables.append(table)
        return table.baseAddress!
    }
}
