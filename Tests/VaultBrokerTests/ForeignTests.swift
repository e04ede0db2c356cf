import Foundation
import NIOPosix
import StandIn
import TestSupport
import Testing
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry

/// A Python environment with Authlib, Flask and requests: an OAuth 2.0 server and an HTTP client that others wrote.
enum ForeignPackages {
    /// The interpreter; nil when Python is missing, or the packages cannot be installed. They are installed once.
    static let python: String? = {
        let folder = NSTemporaryDirectory() + "vault-foreign-\(NSUserName())"
        let python = folder + "/bin/python"
        func succeeds(_ program: String, _ arguments: String...) -> Bool {
            (try? Subprocess.run(program, arguments))?.status == 0
        }
        let isInstalled =
            succeeds(python, "-c", "import authlib, flask, requests")
            || succeeds("python3", "-m", "venv", folder)
                && succeeds(python, "-m", "pip", "install", "--quiet", "authlib", "flask", "requests")
        return isInstalled ? python : nil
    }()
}

@Suite(
    .enabled(
        if: ForeignPackages.python != nil,
        "there is no Python, or nothing to install Authlib, Flask and requests from"))
struct ForeignTests {
    @Test func `works with Authlib's OAuth 2.0 server and the requests client`() async throws {
        let python = try #require(ForeignPackages.python)
        let server = try await Server("oauth_server.py", "client-1", "foreign-secret-1")
        defer { server.stop() }

        let scene = try await Scene()
        let broker = try server.broker()
        try await scene.oauth(secret: "foreign-secret-1")
        #expect(try await broker.test("prod", by: scene.holder).passed)
        let proxy = try await broker.proxy(["prod"], by: scene.holder)
        let environment = ["URL": proxy.address + "/prod", "TOKEN": text(proxy.token)]
        let said = try await onDedicatedThread {
            let script = """
                import os, requests
                session = requests.Session()
                session.headers["Authorization"] = "Bearer " + os.environ["TOKEN"]
                for number in range(3):
                    answer = session.get(os.environ["URL"] + "/api/rows", params={"page": number})
                    answer.raise_for_status()
                print(answer.json()["content"][0])
                """
            return try Subprocess.run(python, ["-c", script], environment: environment).text
        }
        #expect(said == "api/rows\n")
        await proxy.finish()
        let minted = try await scene.holder.entries().filter { $0.action == .mintToken }
        #expect(minted.count == 1)
    }

    @Test func `accepts a response that ends with the connection, and rejects a truncated one`() async throws
    {
        let server = try await Server("plain_server.py", "AppKey good-app-key")
        defer { server.stop() }
        let scene = try await Scene()
        try await scene.custom()
        let broker = try server.broker()
        #expect(try await broker.test("prod", by: scene.holder).passed)
        for (path, fault) in [("/whole", nil), ("/cut", .outside(.lost(host: Scene.host)))]
            as [(String, VaultError?)]
        {
            let delegate = RecordingDelegate(nil)
            let request = ConnectionRequest(
                connection: "prod", method: "GET", path: try RequestPath(path), headers: [], body: .none)
            #expect(
                await failure { try await broker.send(request, delegate: delegate, by: scene.holder) }
                    == fault)
            #expect(await delegate.text == "all of it")
        }
    }
}

/// A server written in Python, with the certificate of the tests.
struct Server {
    private let process = Process()
    private let port: Int
    /// What the server prints after its port, separated by `|`.
    let forms: [String]

    init(_ script: String, python: String? = ForeignPackages.python, _ arguments: String...) async throws {
        let certificates = try Scene.certificates.get()
        let folder = Repository.file("Tests/VaultBrokerTests/Python")
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments =
            [folder.appending(path: script).path, certificates.chain, certificates.key] + arguments
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (Pipe(), output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = try await onDedicatedThread {
            var line = ""
            while !line.hasSuffix("\n") {
                let bytes = output.fileHandleForReading.availableData
                if bytes.isEmpty { break }
                line += String(decoding: bytes, as: UTF8.self)
            }
            return line
        }
        let words = line.split(whereSeparator: { $0 == "|" || $0 == "\n" }).map { String($0) }
        port = try #require(Int(words.first ?? ""))
        forms = Array(words.dropFirst())
    }

    func broker() throws -> Broker {
        try Broker(
            group: MultiThreadedEventLoopGroup.singleton,
            network: NetworkConfiguration(
                trustFile: try Scene.certificates.get().authority,
                connectOverrides: [.init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: port)]))
    }

    func stop() { process.terminate() }
}
