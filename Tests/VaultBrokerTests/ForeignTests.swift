import Foundation
import NIOPosix
import StandIn
import Testing
import VaultBroker
import VaultCore
import VaultLedger
import VaultRegistry

/// Other people's programs at both ends: an OAuth 2.0 server and an HTTP client from PyPI.
///
/// They are installed once into a folder of their own; where there is no Python, or nothing to install from, the tests
/// are left out and say so.
enum Foreign {
    static let python: String? = try? installed()

    /// Python with its own library only.
    static let plainPython: String? = try? run(
        "/usr/bin/env", "python3", "-c", "import sys; print(sys.executable)"
    ).trimmingCharacters(in: .whitespacesAndNewlines)

    private static func installed() throws -> String {
        let folder = NSTemporaryDirectory() + "vault-foreign-\(NSUserName())"
        let python = folder + "/bin/python"
        if (try? run(python, "-c", "import authlib, flask, requests")) != nil { return python }
        try run("/usr/bin/env", "python3", "-m", "venv", folder)
        try run(python, "-m", "pip", "install", "--quiet", "authlib", "flask", "requests")
        return python
    }

    @discardableResult
    static func run(_ program: String, _ arguments: String..., environment: [String: String]? = nil) throws
        -> String
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let environment { process.environment = environment }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return text
    }

    /// Away from the pool that tasks run on.
    static func aside<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
        }
    }
}

@Suite(
    .enabled(
        if: Foreign.python != nil,
        "there is no Python, or nothing to install Authlib, Flask and requests from"))
struct ForeignTests {
    @Test func `tokens of a server that is not ours serve a client that is not ours`() async throws {
        let python = try #require(Foreign.python)
        let server = try await Server("oauth_server.py", "client-1", "foreign-secret-1")
        defer { server.stop() }

        let scene = try await Scene()
        let broker = try server.broker()
        try await scene.oauth(secret: "foreign-secret-1")
        #expect(try await broker.test("prod", by: scene.holder).passed)
        let proxy = try await broker.proxy(["prod"], by: scene.holder)
        let environment = ["URL": proxy.address + "/prod", "TOKEN": text(proxy.token)]
        let said = try await Foreign.aside {
            try Foreign.run(
                python, "-c",
                """
                import os, requests
                session = requests.Session()
                session.headers["Authorization"] = "Bearer " + os.environ["TOKEN"]
                for number in range(3):
                    answer = session.get(os.environ["URL"] + "/api/rows", params={"page": number})
                    answer.raise_for_status()
                print(answer.json()["content"][0])
                """, environment: environment)
        }
        #expect(said == "api/rows\n")
        await proxy.finish()
        let minted = try await scene.holder.entries().filter { $0.action == .mintToken }
        #expect(minted.count == 1)
    }

    @Test func `an answer that ends with the connection is whole, and one that is cut is not`() async throws {
        let server = try await Server("plain_server.py", "AppKey good-app-key")
        defer { server.stop() }
        let scene = try await Scene()
        try await scene.custom()
        let broker = try server.broker()
        #expect(try await broker.test("prod", by: scene.holder).passed)
        for (path, fault) in [("/whole", nil), ("/cut", .outside(.lost(host: Scene.host)))]
            as [(String, VaultError?)]
        {
            let talk = Talk(nil)
            let call = Call(
                connection: "prod", method: "GET", path: try RequestPath(path), headers: [], body: .none)
            #expect(await failure { try await broker.request(call, with: talk, by: scene.holder) } == fault)
            #expect(await talk.text == "all of it")
        }
    }
}

/// A server of Python's, with the certificates of the tests.
struct Server {
    private let process = Process()
    private let port: Int
    /// What it printed after its port, with bars between.
    let forms: [String]

    init(_ script: String, python: String? = Foreign.python, _ arguments: String...) async throws {
        let certificates = try Scene.certificates.get()
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Foreign")
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments =
            [folder.appending(path: script).path, certificates.chain, certificates.key] + arguments
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (Pipe(), output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        let line = try await Foreign.aside {
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
            reach: Reach(
                trustFile: try Scene.certificates.get().authority,
                detours: [.init(host: Scene.host, port: 443): .init(host: "127.0.0.1", port: port)]))
    }

    func stop() { process.terminate() }
}
