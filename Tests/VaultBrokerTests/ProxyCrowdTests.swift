import Foundation
import NIOCore
import Testing
import VaultCore

@testable import VaultBroker

/// Crowds of clients at a proxy's port, from another process and without its token.
@Suite(.enabled(if: Foreign.plainPython != nil, "there is no python3"))
struct ProxyCrowdTests {
    /// Opens connections to the port that it is given, sends each a line of its input, keeps them, and says so.
    private static let crowd = """
        import resource, socket, sys
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        peers = []
        for n in range(int(sys.argv[2])):
            s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            try: s.sendall(sys.argv[3].encode())
            except OSError: pass
            peers.append(s)
        print("here", flush=True)
        sys.stdin.read()
        """

    private struct Crowd {
        let process = Process()
        private let input = Pipe()

        init(_ proxy: Proxy, count: Int, sending text: String) async throws {
            let port = String(proxy.address.split(separator: ":").last!)
            process.executableURL = URL(fileURLWithPath: try #require(Foreign.plainPython))
            process.arguments = ["-c", ProxyCrowdTests.crowd, port, "\(count)", text]
            let output = Pipe()
            (process.standardInput, process.standardOutput) = (input, output)
            try process.run()
            let said = try await Foreign.aside { output.fileHandleForReading.availableData }
            #expect(String(decoding: said, as: UTF8.self).hasPrefix("here"))
        }

        /// It reads its input to the end. A signal could be blocked, as it is on the threads of tasks.
        func leave() { try? input.fileHandleForWriting.close() }
    }

    @Test(
        "a crowd without the token keeps no client with it out (case 107)",
        arguments: [
            "", "GET /prod/test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half:", "G", "\u{16}\u{3}\u{1}",
        ])
    func crowd(sending text: String) async throws {
        let scene = try await Scene {
            $0.unauthenticated = 4
            $0.proxyClients = 8
            // Only displacing counts here.
            $0.authenticating = .hours(1)
        }
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let crowd = try await Crowd(proxy, count: 200, sending: text)
        for _ in 0..<20 {
            let answer = try await ProxyTests.curl(
                ["-H", "Authorization: Bearer \(VaultBrokerTests.text(proxy.token))"]
                    + [proxy.address + "/prod/test/echo"])
            #expect(answer.status == "200")
        }
        #expect(scene.broker.clients.openConnections <= 12)
        crowd.leave()
        await proxy.finish()
    }

    @Test(
        "without a complete head in time a connection is closed, and an authenticated one when it is idle (case 107)"
    )
    func deadlines() async throws {
        let scene = try await Scene {
            $0.authenticating = .milliseconds(300)
            $0.clientIdle = .milliseconds(300)
        }
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let port = String(proxy.address.split(separator: ":").last!)
        let token = text(proxy.token)
        let script = """
            import socket, sys
            head = "GET /prod/test/echo HTTP/1.1\\r\\nHost: 127.0.0.1:%s\\r\\nAuthorization: Bearer %s\\r\\n" % (sys.argv[1], sys.argv[2])
            def ask(text):
                s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
                s.sendall(text.encode())
                data = b""
                while piece := s.recv(65536): data += piece
                return data.decode().split("\\r\\n")[0]
            print([ask(""), ask(head), ask(head.replace("Bearer", "Bearer x") + "\\r\\n"), ask(head + "\\r\\n")])
            """
        let python = try #require(Foreign.plainPython)
        let said = try await Foreign.aside { try Foreign.run(python, "-c", script, port, token) }
        #expect(said == "['', '', 'HTTP/1.1 401 Unauthorized', 'HTTP/1.1 200 OK']\n")
        await proxy.finish()
    }

    @Test("when every place is taken, new clients wait until one is free (case 107)")
    func waiting() async throws {
        let scene = try await Scene {
            $0.unauthenticated = 1
            // None is displaced, as slow as this machine may be.
            $0.patience = .hours(1)
            $0.proxyClients = 2
        }
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let words = ["-H", "Authorization: Bearer \(text(proxy.token))", "--http1.1"]
        let ends = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    try await ProxyTests.curl(
                        words + [proxy.address + "/prod/intelligence/api/knowledge-models"]
                    )
                    .status
                }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(ends == Array(repeating: "200", count: 12))
        await proxy.finish()
    }
}
