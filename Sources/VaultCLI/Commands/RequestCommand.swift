import ArgumentParser
import CPlatform
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
        let printer = AnswerPrinter(includesHead: include)
        let answer = try context.failing { () throws(VaultError) -> RequestStatus? in
            try agent.begin(question)
            try body?.send(to: agent)
            return try receive(from: agent, printer)
        }
        if let failure = printer.failure { throw failure }
        guard let answer, answer.status >= 300 else { return }
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

    /// Prints the answer; nil where it cannot be printed, and the rest of it is of no use.
    private func receive(
        from agent: AgentConnection, _ printer: AnswerPrinter
    ) throws(VaultError) -> RequestStatus? {
        var isFirst = true
        while true {
            guard printer.failure == nil else { return nil }
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
            descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0)
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
private final class AnswerPrinter {
    private let includesHead: Bool
    private let isTerminal = Descriptor.isTerminal(STDOUT_FILENO)
    private let output = Output()
    /// Why no more is printed: the answer, or a part of it, is lost.
    private(set) var failure: OutputError?

    init(includesHead: Bool) { self.includesHead = includesHead }

    func print(_ head: RequestHead) {
        guard includesHead else { return }
        var text = "HTTP/1.1 \(head.status) \(head.reason)\n"
        for header in head.headers where header.count == 2 { text += "\(header[0]): \(header[1])\n" }
        print(Array((text + "\n").utf8))
    }

    func print(_ bytes: [UInt8]) {
        guard failure == nil else { return }
        do throws(OutputError) {
            if isTerminal {
                let lines = String(decoding: bytes, as: UTF8.self).split(
                    separator: "\n", omittingEmptySubsequences: false)
                try output.write(lines.map { SafeText.escaped(String($0)) }.joined(separator: "\n"))
            } else {
                try output.write(bytes)
            }
            try output.flush()
        } catch {
            failure = error
        }
    }
}
