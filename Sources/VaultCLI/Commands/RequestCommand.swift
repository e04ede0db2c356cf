import ArgumentParser
import VaultCore
import VaultRegistry
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `vault request`: like curl, for one connection, and without its secret.
struct RequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Send a request to a connection's own host, and print what it answers.",
        discussion: """
            vault request 'Celonis prod' '/intelligence/api/knowledge-models?page=0&pageSize=1'
            vault request 'Celonis pool' POST /integration/api/v1/data-push/p-1/jobs/ --data file:job.json \\
                -H 'Content-Type: application/json'
            The method is GET, or POST with --data. What comes back of the secret is masked. An answer from 300 on is
            printed too, and ends with status 17.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The connection.") var name: String
    @Argument(
        help: ArgumentHelp(
            "The method, if it is to be another one, and the path.", valueName: "method> <path"))
    var target: [String]
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header; again for each.", valueName: "name: value"))
    var header: [String] = []
    @Option(help: ArgumentHelp("The body: stdin, file:PATH or fd:N.", valueName: "source")) var data: String?
    @Flag(help: "Print status and headers before the body.") var include = false

    func run() throws {
        let context = Context(options)
        let (method, path) = try parts()
        let body = try data.map { text throws(Failure) in try RequestBody(text) }
        let headers = try header.map { text throws(Failure) in try Self.header(text) }
        let secrets = try SecretsIn(context)
        let agent = try secrets.networkAgent(context, try context.open())
        let question = SendRequest(
            method, path, of: name, headers: headers, hasBody: body != nil, length: body?.length)
        let answer = try context.failing { () throws(VaultError) in
            try agent.begin(question)
            try body?.send(to: agent)
            return try receive(from: agent)
        }
        guard answer.status >= 300 else { return }
        throw Failure(.outside(.answered(host: answer.host, status: answer.status)))
    }

    /// One word is a path; of two, the first is a method.
    private func parts() throws(Failure) -> (method: String, path: String) {
        guard let path = target.last, target.count <= 2 else {
            throw Failure(.usage, "there is no path", next: "vault request NAME [METHOD] PATH")
        }
        do throws(VaultRegistry.Problem) {
            let method = target.count == 2 ? target[0] : data == nil ? "GET" : "POST"
            return (try RequestMethod.check(method), try RequestPath(path).text)
        } catch {
            throw Failure([error])
        }
    }

    private static func header(_ text: String) throws(Failure) -> [String] {
        do throws(VaultRegistry.Problem) {
            let header = try CallerHeader(text)
            return [header.name, header.value]
        } catch {
            throw Failure([error])
        }
    }

    private func receive(from agent: AgentConnection) throws(VaultError) -> RequestStatus {
        var printer = AnswerPrinter(includesHead: include)
        var isFirst = true
        while true {
            switch try agent.next() {
            case .chunk(let bytes):
                if isFirst {
                    do throws(AgentFault) { printer.print(try RequestHead(bytes)) } catch {
                        throw .agent(error)
                    }
                } else {
                    printer.print(bytes)
                }
                isFirst = false
            case .streamEnded: break
            case .answer(let answer): return try answer.read(as: SendRequest.self)
            }
        }
    }
}

/// Where a request's body comes from, and how long it is where that is known.
private struct RequestBody {
    let descriptor: Int32
    let length: UInt64?

    init(_ text: String) throws(Failure) {
        let source: SecretSource
        do throws(SecretSource.Misfit) { source = try SecretSource(parsing: text) } catch {
            throw Failure(
                .usage, "--data is not a source", next: "--data stdin, --data file:PATH or --data fd:N")
        }
        switch source {
        case .prompt:
            throw Failure(
                .usage, "a body is not typed in", next: "--data stdin, --data file:PATH or --data fd:N")
        case .stdin: descriptor = STDIN_FILENO
        case .descriptor(let number): descriptor = number
        case .file(let path):
            descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw Failure(
                    .usage, "\(path): \(Descriptor.reason(errno))", next: "name a file that can be read")
            }
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw Failure(
                .usage, "--data \(source.text): \(Descriptor.reason(errno))", next: "name an open file")
        }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        length = isFile ? UInt64(max(0, Int64(status.st_size) - Int64(lseek(descriptor, 0, SEEK_CUR)))) : nil
    }

    func send(to agent: AgentConnection) throws(VaultError) {
        var piece = [UInt8](repeating: 0, count: Frame.Limit.chunk)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Descriptor.read(descriptor, into: $0) }
            guard count >= 0 else { throw .io(path: "the body", why: Descriptor.reason(Int32(-count))) }
            if count == 0 { return try agent.endStream() }
            try agent.send(Array(piece[..<count]))
        }
    }
}

/// Prints an answer as it comes. To a terminal nothing is written that could move it (case 66).
private struct AnswerPrinter {
    let includesHead: Bool
    private let isTerminal = Descriptor.isTerminal(STDOUT_FILENO)
    private var held: [UInt8] = []

    init(includesHead: Bool) { self.includesHead = includesHead }

    mutating func print(_ head: RequestHead) {
        guard includesHead else { return }
        var text = "HTTP/1.1 \(head.status) \(head.reason)\n"
        for header in head.headers where header.count == 2 { text += "\(header[0]): \(header[1])\n" }
        print(Array((text + "\n").utf8))
    }

    mutating func print(_ bytes: [UInt8]) {
        if isTerminal {
            let lines = String(decoding: bytes, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            Descriptor.say(
                lines.map { SafeText.escaped(String($0)) }.joined(separator: "\n"), to: STDOUT_FILENO)
        } else if unsafe bytes.withUnsafeBytes({ unsafe Descriptor.write($0, to: STDOUT_FILENO) }) == EPIPE {
            // Whoever read had what they wanted.
            exit(0)
        }
    }
}
