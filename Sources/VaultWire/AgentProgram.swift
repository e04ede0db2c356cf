import CPlatform
public import VaultCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The program `vault-agent`: where it is, and how it is started.
public struct AgentProgram {
    public static let name = "vault-agent"

    /// What an agent is told: the vault's file, the folder of the user's anchors, and where to listen, if anywhere.
    public struct Orders: Sendable {
        public let vault: String
        public let anchors: String
        public let socket: String?

        public init(vault: String, anchors: String, socket: String? = nil) {
            (self.vault, self.anchors, self.socket) = (vault, anchors, socket)
        }

        var arguments: [String] {
            ["--vault", vault, "--anchors", anchors] + (socket.map { ["--socket", $0] } ?? [])
        }
    }

    public let path: String

    /// Finds it beside this program, or in `../libexec/vault`.
    public init() throws(VaultError) {
        let folder = try Self.ownFolder()
        let places = [folder + "/" + Self.name, folder + "/../libexec/vault/" + Self.name]
        guard let found = places.first(where: { unsafe access($0, X_OK) == 0 }) else {
            throw .agent(.programMissing(looked: places))
        }
        path = found
    }

    /// Starts one and gives the connection to it.
    ///
    /// With a socket in its orders it goes on for itself, with no terminal; without one it ends with the connection.
    public func start(_ orders: Orders) throws(VaultError) -> AgentConnection {
        var ends: [Int32] = [-1, -1]
        guard unsafe platform_socket_pair(&ends) == 0 else { throw notStarted }
        let arguments = [path] + orders.arguments + ["--descriptor", "3"]
        let pid = unsafe withCStrings(arguments) { arguments in
            unsafe withCStrings(Self.environment) { environment in
                unsafe platform_start_agent(
                    path, arguments, environment, ends[1], orders.socket == nil ? 0 : 1)
            }
        }
        let failure = errno
        close(ends[1])
        guard pid > 0 else {
            close(ends[0])
            errno = failure
            throw notStarted
        }
        do throws(AgentFault) { return try AgentConnection(ends[0], path: path) } catch {
            throw .agent(
                error == .gone ? .notStarted(path: path, why: Self.words(for: platform_end_of(pid))) : error)
        }
    }

    /// Becomes the agent: in the foreground, as a service is. Returns only by throwing.
    public func become(_ orders: Orders, _ more: [String]) throws(VaultError) -> Never {
        unsafe withCStrings([path] + orders.arguments + more) { arguments in
            unsafe withCStrings(Self.environment) { environment in
                _ = unsafe execve(path, arguments, environment)
            }
        }
        throw notStarted
    }

    /// Why an agent ended before its first word.
    private static func words(for status: Int32) -> String {
        switch status {
        case PLATFORM_LACKING:
            "the limits of this process leave it too little memory, too few files, or no randomness"
        case 129...: "a signal ended it (\(status - 128))"
        default: "it ended at once (status \(status))"
        }
    }

    private var notStarted: VaultError { .agent(.notStarted(path: path, why: WireSocket.reason)) }

    private static func ownFolder() throws(VaultError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe platform_own_program(&buffer, buffer.count)
        guard count > 0 else { throw .agent(.notStarted(path: name, why: WireSocket.reason)) }
        let path = String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
    }

    /// This process' own, without the vault's variables: what they say is in the orders. Where hosts are reached is for
    /// whoever starts the agent to say, and for nobody who asks it.
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

/// Lends texts as an array of C strings that ends with NULL.
private func withCStrings<R>(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R)
    -> R
{
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body(UnsafePointer($0.baseAddress!)) }
}
