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

    private var strings: [CString] = unsafe []
    private var tables: [UnsafeMutablePointer<CString?>] = unsafe []

    init(_ arguments: [String], environment: EnvironmentBlock, starting: LaunchState) throws(ChildError) {
        Progress.erase()
        guard let name = arguments.first, !name.isEmpty else { throw .noCommand }
        self.name = name
        self.environment = environment
        let paths = Self.candidates(name, path: environment.value(of: "PATH"))
        unsafe platform.arguments = unsafe UnsafePointer(table(arguments))
        unsafe platform.shell_arguments = unsafe UnsafeMutableRawPointer(
            table(["sh", name] + arguments.dropFirst())
        )
        .assumingMemoryBound(to: UnsafePointer<CChar>?.self)
        unsafe platform.candidates = unsafe UnsafeRawPointer(table(paths))
            .assumingMemoryBound(to: UnsafePointer<CChar>?.self)
        unsafe platform.environment = unsafe UnsafePointer(environment.pointers)
        unsafe (platform.input, platform.output, platform.error) = (-1, -1, -1)
        unsafe platform.has_core_limit = 1
        unsafe platform.core_soft = starting.coreLimit.soft
        unsafe platform.core_hard = starting.coreLimit.hard
        unsafe platform.ignores_broken_pipe = starting.ignoresBrokenPipe ? 1 : 0
        unsafe platform.ignores_file_size = starting.ignoresFileSize ? 1 : 0
    }

    deinit {
        unsafe strings.forEach { unsafe free($0) }
        unsafe tables.forEach { unsafe $0.deallocate() }
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

    /// Replaces this process; returns only on an error.
    func become() -> ChildError {
        error(call: "execve", code: unsafe platform_exec(&platform))
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
        let table = UnsafeMutablePointer<CString?>.allocate(capacity: texts.count + 1)
        for (index, text) in texts.enumerated() {
            let copy = unsafe strdup(text)!
            unsafe strings.append(copy)
            unsafe table[index] = unsafe copy
        }
        unsafe table[texts.count] = nil
        unsafe tables.append(table)
        return unsafe table
    }
}
