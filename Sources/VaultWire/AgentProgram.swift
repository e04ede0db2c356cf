import CPlatform
import Libc
public import VaultCore

/// The program `vault-agent`: where it is installed, and how it is started.
public struct AgentProgram {
    /// The name of the executable.
    public static let name = "vault-agent"

    private let path: String

    /// Finds the program beside this one or in `../libexec/vault`.
    ///
    /// - Throws: `VaultError.agent(.programMissing)`.
    public init() throws(VaultError) {
        let folder = try Self.executableFolder()
        let candidates = [folder + "/" + Self.name, folder + "/../libexec/vault/" + Self.name]
        guard let found = candidates.first(where: { unsafe access($0, X_OK) == 0 }) else {
            throw .agent(.programMissing(looked: candidates))
        }
        path = found
    }

    /// Starts an agent and connects to it.
    ///
    /// - Parameters:
    ///   - endpoint: The vault, and where to listen.
    ///   - anchors: The folder of the user's anchors.
    ///   - listening: Whether the agent listens, detaches from the terminal and keeps running; otherwise it exits when
    ///     the connection closes.
    /// - Throws: `VaultError.agent`: `notStarted`, or the fault with which the agent refuses to serve.
    public func start(
        at endpoint: AgentEndpoint, anchors: String, listening: Bool
    ) throws(VaultError) -> AgentConnection {
        var ends: [Int32] = [-1, -1]
        guard unsafe platform_socket_pair(&ends) == 0 else { throw Self.notStarted(path) }
        let arguments = arguments(endpoint, anchors, listening: listening) + ["--descriptor", "3"]
        let pid = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(Self.environment) { environment in
                unsafe platform_start_agent(path, arguments, environment, ends[1], listening ? 1 : 0)
            }
        }
        let failure = errno
        close(ends[1])
        guard pid > 0 else {
            close(ends[0])
            errno = failure
            throw Self.notStarted(path)
        }
        do throws(VaultError) { return try AgentConnection(ends[0], path: path) } catch .agent(.gone) {
            throw .agent(.notStarted(path: path, why: Self.exitReason(for: platform_wait_for_exit(pid))))
        }
    }

    /// Replaces this process with an agent that listens in the foreground, as a service does. Returns only by throwing.
    ///
    /// - Parameters:
    ///   - endpoint: The vault, and where to listen.
    ///   - anchors: The folder of the user's anchors.
    ///   - extraArguments: More arguments of the program.
    /// - Throws: `VaultError.agent(.notStarted)`.
    public func replaceProcess(
        at endpoint: AgentEndpoint, anchors: String, _ extraArguments: [String]
    ) throws(VaultError) -> Never {
        unsafe withCStrings(arguments(endpoint, anchors, listening: true) + extraArguments) { arguments in
            unsafe withCStrings(Self.environment) { environment in
                _ = unsafe execve(path, arguments, environment)
            }
        }
        throw Self.notStarted(path)
    }

    private func arguments(_ endpoint: AgentEndpoint, _ anchors: String, listening: Bool) -> [String] {
        let socket = listening ? ["--socket", endpoint.socket] : []
        return [path, "--vault", endpoint.vault, "--anchors", anchors] + socket
    }

    /// Why an agent exited before its hello.
    private static func exitReason(for status: Int32) -> String {
        switch status {
        case PLATFORM_EXIT_NO_RESOURCES:
            "this process's limits on memory or files are too low, or there is no source of randomness"
        case 129...: "it was killed by signal \(status - 128)"
        default: "it exited at once with status \(status)"
        }
    }

    /// `notStarted` with the description of `errno`.
    private static func notStarted(_ path: String) -> VaultError {
        .agent(.notStarted(path: path, why: unsafe String(cString: strerror(errno))))
    }

    private static func executableFolder() throws(VaultError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe platform_executable_path(&buffer, buffer.count)
        guard count > 0 else { throw notStarted(name) }
        let path = String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }

    /// This process's environment without the `VAULT_` variables, which the arguments replace. `VAULT_CONNECT_TO`
    /// stays: only the user who starts the agent decides where hosts are reached, never the sender of a request.
    private static var environment: [String] {
        var all: [String] = []
        var next = unsafe platform_environment()
        while let entry = unsafe next?.pointee {
            let text = unsafe String(cString: entry)
            if !text.hasPrefix("VAULT_") || text.hasPrefix("VAULT_CONNECT_TO=") { all.append(text) }
            unsafe next = next.map { unsafe $0 + 1 }
        }
        return all
    }
}

/// Passes strings as a NULL-terminated array of C strings.
private func withCStrings<R>(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R)
    -> R
{
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body(UnsafePointer($0.baseAddress!)) }
}
