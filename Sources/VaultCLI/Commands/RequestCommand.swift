import ArgumentParser
import CPlatform
import Libc
import VaultCore
import VaultRegistry
import VaultWire

/// `vault request`: sends an HTTP request with a connection's credentials.
struct RequestCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Send an HTTP request to a connection's host with its credentials, and print the response.",
        discussion: """
            The default method is GET, or POST with --data. Secrets in the response are masked. A response with status 300 or \
            higher is printed too, and exits with 17.
            """)

    static let examples = [
        "vault request 'Celonis prod' '/intelligence/api/knowledge-models?page=0&pageSize=1'",
        "vault request 'Celonis pool' POST /integration/api/v1/data-push/p-1/jobs/ \\",
        "    --data file:job.json -H 'Content-Type: application/json'",
    ]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Argument(help: "The connection.") var name: String
    @Argument(help: .init("The method (optional) and the path.", valueName: "method> <path"))
    var target: [String]
    @Option(
        name: [.customShort("H"), .long], help: .init("Add a header; repeatable.", valueName: "name: value"))
    var header: [String] = []
    @Option(help: .init("Send the body from stdin, file:PATH or fd:N.", valueName: "source"))
    var data: String?
    @Flag(help: "Print the status and the headers before the body.") var include = false

    func run(_ context: Context) throws {
        let (method, path) = try parts()
        let body = try data.map(RequestBody.init)
        let headers = try header.map { text in
            let header = try CallerHeader(text)
            return [header.name, header.value]
        }
        let agent = try CommandSecrets(context).networkAgent(context, context.open())
        let question = SendRequest(
            method, path, of: name, headers: headers, hasBody: body != nil, length: body?.length)
        let printer = ResponsePrinter(includesHead: include)
        try agent.begin(question)
        try body?.send(to: agent)
        let answer = try receive(from: agent, printer)
        guard answer.status >= 300 else { return }
        throw VaultError.outside(.answered(host: answer.host, status: answer.status))
    }

    /// One word is a path; of two, the first is a method.
    private func parts() throws -> (method: String, path: String) {
        guard let path = target.last, target.count <= 2 else {
            throw Failure.usage("expected [METHOD] PATH after the connection")
                .next("for example: vault request '\(name)' GET /")
        }
        let method = target.count == 2 ? target[0] : data == nil ? "GET" : "POST"
        return (try RequestMethod.check(method), try RequestPath(path).text)
    }

    /// Prints the response as it arrives. If it can't be printed, the rest is not read.
    private func receive(from agent: AgentConnection, _ printer: ResponsePrinter) throws -> RequestResult {
        var isFirst = true
        while true {
            switch try agent.next() {
            case .chunk(let bytes):
                if isFirst { try printer.print(ResponseHeadChunk(bytes)) } else { try printer.print(bytes) }
                isFirst = false
            case .streamEnded: break
            case .answer(let answer): return try answer.value()
            }
        }
    }
}

/// The source of a request's body, and its length if known.
private struct RequestBody {
    let descriptor: Int32
    let length: UInt64?

    init(_ text: String) throws {
        let next = "use --data stdin, --data file:PATH or --data fd:N"
        guard let source = try? SecretSource(text, option: "--data") else {
            throw Failure.usage("--data needs a source").next(next)
        }
        switch source {
        case .prompt: throw Failure.usage("--data can't prompt for the body").next(next)
        case .stdin: descriptor = STDIN_FILENO
        case .descriptor(let number): descriptor = number
        case .file(let path):
            descriptor = unsafe platform_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0)
            guard descriptor >= 0 else {
                throw Failure.usage("can't read \(path): \(Descriptor.reason(errno))")
                    .next("name a readable file")
            }
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw Failure.usage("--data \(source.text): \(Descriptor.reason(errno))")
                .next("name an open file")
        }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        length = isFile ? UInt64(max(0, Int64(status.st_size) - Int64(lseek(descriptor, 0, SEEK_CUR)))) : nil
    }

    func send(to agent: AgentConnection) throws(VaultError) {
        var piece = [UInt8](repeating: 0, count: Frame.Limit.chunk)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Descriptor.read(descriptor, into: $0) }
            guard count >= 0 else {
                throw .file(.io(path: "the body", why: Descriptor.reason(Int32(-count))))
            }
            if count == 0 { return try agent.endStream() }
            try agent.sendChunk(Array(piece[..<count]))
        }
    }
}

/// Prints a response as it arrives. On a terminal, control characters are escaped (case 66).
private struct ResponsePrinter {
    let includesHead: Bool
    private let isTerminal = Descriptor.isTerminal(STDOUT_FILENO)
    private let output = Output()

    func print(_ head: ResponseHeadChunk) throws {
        guard includesHead else { return }
        var text = "HTTP/1.1 \(head.status) \(head.reason)\n"
        for header in head.headers where header.count == 2 { text += "\(header[0]): \(header[1])\n" }
        try print(Array((text + "\n").utf8))
    }

    func print(_ bytes: [UInt8]) throws {
        if isTerminal {
            let lines = String(decoding: bytes, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            try output.write(lines.map { SafeText.escaped(String($0)) }.joined(separator: "\n"))
        } else {
            try output.write(bytes)
        }
        try output.flush()
    }
}
