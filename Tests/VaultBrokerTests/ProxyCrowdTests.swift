import Foundation
import NIOCore
import TestSupport
import Testing
import VaultCore

@testable import VaultBroker

/// Many connections from another process to a proxy's port, without the proxy's token.
@Suite(.enabled(if: Python.executable != nil, "there is no python3"))
struct ProxyCrowdTests {
    /// Opens connections to a port, sends a text on each, prints a line, and keeps them until its input ends.
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
            process.executableURL = URL(fileURLWithPath: try #require(Python.executable))
            process.arguments = ["-c", ProxyCrowdTests.crowd, port, "\(count)", text]
            let output = Pipe()
            (process.standardInput, process.standardOutput) = (input, output)
            try process.run()
            let said = try await onDedicatedThread { output.fileHandleForReading.availableData }
            #expect(String(decoding: said, as: UTF8.self).hasPrefix("here"))
        }

        /// Closes the process's input. A signal could be blocked, since the threads of tasks block signals.
        func leave() { try? input.fileHandleForWriting.close() }
    }

    @Test(
        "serves a client with the token despite many connections without it (case 107)",
        arguments: [
            "", "GET /prod/test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half:", "G", "\u{16}\u{3}\u{1}",
        ])
    func crowd(sending text: String) async throws {
        let scene = try await Scene {
            $0.unauthenticatedClients = 4
            $0.proxyClients = 8
            // Connections are displaced, not timed out.
            $0.authenticationTimeout = .hours(1)
        }
        try await scene.custom()
        let proxy = try await scene.broker.proxy(["prod"], by: scene.holder)
        let crowd = try await Crowd(proxy, count: 200, sending: text)
        for _ in 0..<20 {
            let answer = try await ProxyTests.curl(
                ["-H", "Authorization: Bearer \(TestSupport.text(proxy.token))"]
                    + [proxy.address + "/prod/test/echo"])
            #expect(answer.status == "200")
        }
        #expect(scene.broker.clients.openConnections <= 12)
        crowd.leave()
        await proxy.finish()
    }

    @Test(
        "closes a connection without a complete head in time, and an idle authenticated one (case 107)"
    )
    func deadlines() async throws {
        let scene = try await Scene {
            $0.authenticationTimeout = .seconds(2)
            $0.clientIdleTimeout = .seconds(2)
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
        let said = try await onDedicatedThread {
            try Subprocess.run("python3", ["-c", script, port, token]).text
        }
        #expect(said == "['', '', 'HTTP/1.1 401 Unauthorized', 'HTTP/1.1 200 OK']\n")
        await proxy.finish()
    }

    @Test("makes new clients wait while the limit is reached (case 107)")
    func waiting() async throws {
        let scene = try await Scene {
            $0.unauthenticatedClients = 1
            // No connection is displaced, however slow the machine is.
            $0.displacementDelay = .hours(1)
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
