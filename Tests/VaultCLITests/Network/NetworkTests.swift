// These tests run the built programs against a Celonis stand-in. VAULT_CONNECT_TO redirects the host, as for a tunnel,
// and SSL_CERT_FILE names the test authority, as for a private one. The programs have no code for tests.

import Foundation
import StandIn
import Testing

@Suite struct NetworkTests {
    static let host = "team.eu-1.celonis.cloud"

    /// A vault with a connection, a Celonis stand-in, and the environment that redirects to it.
    struct Scene {
        let sandbox: Sandbox
        let celonis: Celonis
        let network: [String: String]

        init(key: String = "good-app-key") async throws {
            sandbox = try await Sandbox.withVault()
            let certificates = try TestCertificates(in: sandbox.folder + "/ca", names: [host])
            celonis = try await Celonis(certificates: certificates)
            network = [
                "SSL_CERT_FILE": certificates.authority,
                "VAULT_CONNECT_TO": "\(host):443:127.0.0.1:\(celonis.port)",
            ]
            let made = try await create("Celonis prod", key: key)
            try #require(made.status == 0, "\(made.errorText)")
        }

        func create(_ name: String, key: String, _ more: String...) async throws -> Launch.Outcome {
            let words = [
                "connection", "create", "celonis", "--name", name, "--set", "api-type=intelligence", "--set",
                "domain=https://\(host)/", "--set", "auth-type=custom", "--secret", "app-key=stdin",
            ]
            return try await sandbox.program(words + more, input: key, environment: network).start().outcome()
        }

        /// The environment without a key, for commands through the agent.
        var keyless: [String: String] {
            network.merging(["XDG_RUNTIME_DIR": sandbox.folder + "/home", "VAULT_KEY_FILE": ""]) { $1 }
        }

        func unlock() async throws {
            let environment = keyless.merging(["VAULT_KEY_FILE": sandbox.folder + "/ana.key"]) { $1 }
            let said = try await sandbox.program(["unlock", "--for", "5m"], environment: environment).start()
                .outcome()
            try #require(said.status == 0, "\(said.errorText)")
        }

        /// Runs a command through the agent.
        func keyless(_ words: String..., other: [String: String] = [:]) async throws -> Launch.Outcome {
            try await sandbox.program(words, environment: keyless.merging(other) { $1 }).start().outcome()
        }

        /// Waits until the stand-in has received a request for a path.
        func asked(_ path: String) async throws {
            for _ in 0..<3_000 where !celonis.state.requests.contains(where: { $0.uri == path }) {
                try await Task.sleep(for: .milliseconds(10))
            }
            try #require(celonis.takeRequests().contains { $0.uri == path })
        }

        func vault(_ words: String..., without: [String] = []) async throws -> Launch.Outcome {
            let none = Dictionary(uniqueKeysWithValues: without.map { ($0, "") })
            return try await sandbox.program(words, environment: network.merging(none) { $1 }).start()
                .outcome()
        }
    }

    @Test func `runs the contract's network commands`() async throws {
        let scene = try await Scene()
        #expect(try await scene.vault("connection", "test", "Celonis prod").status == 0)
        let answer = try await scene.vault(
            "request", "Celonis prod", "GET", "/intelligence/api/knowledge-models?page=0&pageSize=1")
        #expect(answer.status == 0 && answer.text.contains("km-1"), "\(answer.errorText)")
        let proxied = try await scene.vault(
            "proxy", "Celonis prod", "--", "sh", "-c",
            #"curl -sf -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/intelligence/api/knowledge-models""#
        )
        #expect(proxied.status == 0 && proxied.text.contains("km-1"), "\(proxied.errorText)")
        let status = try await scene.vault("proxy", "Celonis prod", "--", "sh", "-c", "exit 7")
        #expect(status.status == 7)
        let shown = try await scene.vault("connection", "show", "Celonis prod", "--json").text
        #expect(shown.contains(#""test":{"by":"ana","result":"passed","status":200"#))
        #expect(shown.contains(#""last_use":{"by":"ana","time":"#) && shown.contains(#""use":"proxy"}"#))
        #expect(try await scene.vault("audit", "verify", "--secrets").status == 0)
    }

    @Test("thousands of connections to a proxy's port do not starve the agent or its clients (case 107)")
    func crowdAtTheProxy() async throws {
        let scene = try await Scene()
        guard try await scene.sandbox.shell("command -v python3").status == 0 else {
            return print("skipped: needs python3")
        }
        try await scene.unlock()
        let status = try await scene.keyless("status", "--json").text
        let pid = status.split(separator: "\"pid\":").last?.prefix { $0.isNumber } ?? ""
        try scene.sandbox.write(
            """
            import os, resource, socket, subprocess, time
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
            url = os.environ["CELONIS_URL"]
            host, port = url.split("/")[2].split(":")
            head = "GET /celonis-prod/test/echo HTTP/1.1\\r\\nHost: %s:%s\\r\\nX-Half: " % (host, port)
            own = {**os.environ, "VAULT_FILE": "\(scene.sandbox.folder)/v/vault.db"}
            peers = []
            for n in range(min(5080, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 64)):
                s = socket.create_connection((host, int(port)))
                if n % 4 == 0:
                    try: s.sendall(head.encode())
                    except OSError: pass
                peers.append(s)
            open_files = len(os.listdir("/proc/\(pid)/fd"))
            done = [subprocess.run(["vault"] + words, stdout=subprocess.DEVNULL, env=own).returncode for words in [
                ["status"], ["connection", "list"],
                ["request", "Celonis prod", "GET", "/intelligence/api/knowledge-models"]]]
            token = os.environ["CELONIS_API_TOKEN"]
            asked = subprocess.run(["curl", "-sf", "-o", "/dev/null", "-H", "Authorization: Bearer " + token,
                url + "/intelligence/api/knowledge-models"]).returncode
            print(len(peers), open_files < 600, done, asked)
            """, to: "crowd.py")
        let said = try await scene.keyless(
            "proxy", "Celonis prod", "--", "python3", scene.sandbox.folder + "/crowd.py")
        #expect(said.text.hasSuffix(" True [0, 0, 0] 0\n"), "\(said.text)\(said.errorText)")
        #expect(Int(said.text.prefix { $0.isNumber }) ?? 0 > 1000)
    }

    @Test func `a failed test exits with 3 and the connector's explanation, and list shows it`() async throws
    {
        let scene = try await Scene(key: "wrong")
        let failed = try await scene.vault("connection", "test", "Celonis prod")
        #expect(failed.status == 3)
        #expect(
            failed.errorText
                == "vault: error: the test of 'Celonis prod' failed: The key is unknown, deleted or expired.\nvault: next: Create a new key and store it.\n"
        )
        #expect(try await scene.vault("connection", "list").text.contains("failed, "))
    }

    @Test func `--test stores a connection only if its test passes`() async throws {
        let scene = try await Scene()
        #expect(try await scene.create("new", key: "wrong", "--test").status == 3)
        #expect(try await scene.vault("connection", "show", "new").status == 14)
        #expect(try await scene.create("new", key: "good-app-key", "--test").status == 0)
        #expect(try await scene.vault("connection", "show", "new").text.contains("passed, "))
    }

    @Test func `a rotation tests the pending version, and a failure leaves the current one in use`()
        async throws
    {
        let scene = try await Scene(key: "an-old-key")
        func start(_ key: String, _ more: String...) async throws {
            let words = ["rotate", "start", "Celonis prod", "--secret", "app-key=stdin"] + more
            let said = try await scene.sandbox.program(words, input: key, environment: scene.network).start()
                .outcome()
            #expect(said.status == 0, "\(said.errorText)")
        }
        try await start("wrong")
        let failed = try await scene.vault("rotate", "test", "Celonis prod")
        #expect(
            failed.status == 3 && failed.errorText.contains("The key is unknown"), "\(failed.errorText)")
        #expect(try await scene.vault("rotate", "finish", "Celonis prod").status == 16)
        try await start("good-app-key", "--replace")
        #expect(try await scene.vault("connection", "test", "Celonis prod").status == 3)
        let passed = try await scene.vault("rotate", "test", "Celonis prod")
        #expect(passed.status == 0, "\(passed.errorText)")
        #expect(try await scene.vault("rotate", "status").text.contains("tested"))
        #expect(try await scene.vault("rotate", "finish", "Celonis prod", "--overlap", "24h").status == 0)
        #expect(try await scene.vault("connection", "test", "Celonis prod").status == 0)
        #expect(try await scene.vault("audit", "verify", "--secrets").status == 0)
    }

    @Test func `rotate prompts for the new key, tests it, and resumes where it stopped`()
        async throws
    {
        let scene = try await Scene(key: "an-old-key")
        let first = try Session(scene.sandbox, "rotate", "Celonis prod", environment: scene.network)
        let screen = try await first.answer("App key of Celonis prod (? for help): ", "a-wrong-key")
        #expect(screen.contains("A new App key:\r\n  1. Sign in as an admin."))
        let failed = try await first.end()
        #expect(
            failed.status == 3 && failed.errorText.contains("The key is unknown"), "\(failed.errorText)")
        #expect(!failed.screen.contains("a-wrong-key"))
        // The pending version is tested again, without a prompt.
        let again = try await Session(scene.sandbox, "rotate", "Celonis prod", environment: scene.network)
            .end()
        #expect(again.status == 3)
        #expect(try await scene.vault("rotate", "abort", "Celonis prod").status == 0)
        let last = try Session(
            scene.sandbox, "rotate", "go", "Celonis prod", "--overlap", "2d", environment: scene.network)
        try await last.answer("App key of Celonis prod (? for help): ", "good-app-key")
        let done = try await last.end()
        #expect(done.status == 0 && done.errorText.contains("version 3 of 'Celonis prod' passed its test"))
        #expect(done.text.contains("version 3 of 'Celonis prod' current, the old one kept until "))
        #expect(done.text.contains("next: revoke the old App key:\n  1. Sign in as an admin.\n"))
        #expect(try await scene.vault("connection", "test", "Celonis prod").status == 0)
        let unseen = try await scene.vault("rotate", "Celonis prod", "--no-input")
        #expect(unseen.status == 64 && unseen.errorText.contains("vault rotate start 'Celonis prod'"))
    }

    @Test func `an unlocked agent serves requests with its own network settings`() async throws {
        let scene = try await Scene()
        try await scene.unlock()
        #expect(try await scene.keyless("connection", "test", "Celonis prod").status == 0)
        // The client can't redirect it: a secret would be sent there.
        let elsewhere = ["VAULT_CONNECT_TO": "\(NetworkTests.host):443:127.0.0.1:9", "SSL_CERT_FILE": ""]
        let echo = try await scene.keyless("request", "Celonis prod", "/test/echo", other: elsewhere)
        #expect(echo.status == 0, "\(echo.errorText)")
        #expect(try await scene.keyless("proxy", "Celonis prod", "--", "true").status == 0)
        #expect(try await scene.keyless("lock").status == 0)
        #expect(try await scene.keyless("request", "Celonis prod", "/test/echo").status == 11)
    }

    @Test func `locking cuts a stream with an error, and the ledger counts its requests`()
        async throws
    {
        let scene = try await Scene()
        try await scene.unlock()
        let request = try scene.sandbox.program(
            ["request", "Celonis prod", "/test/endless"], environment: scene.keyless
        ).start()
        try await scene.asked("/test/endless")
        #expect(try await scene.keyless("lock").text == "locked\n")
        let cut = try await request.outcome()
        #expect(cut.status == 11)
        #expect(
            cut.errorText
                == "vault: error: the vault was locked during the request\nvault: next: vault unlock, and try again\n"
        )
        #expect(!cut.text.contains("good-app-key"))

        try await scene.unlock()
        let got = scene.sandbox.folder + "/got"
        let script = """
            say() { curl -sN -o "$1" -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/test/$2"; }
            say /dev/null echo; say '\(got)' endless; echo $?
            """
        let proxy = try scene.sandbox.program(
            ["proxy", "Celonis prod", "--", "sh", "-c", script], environment: scene.keyless
        ).start()
        for _ in 0..<3_000 where (try? String(contentsOfFile: got, encoding: .utf8))?.isEmpty ?? true {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try await scene.keyless("lock").status == 0)
        #expect(try await proxy.outcome().text == "18\n")
        let told = try await scene.vault(
            "audit", "log", "--action", "connection.proxy", "--limit", "1", "--json")
        #expect(told.text.contains(#""requests":2"#), "\(told.text)")
        #expect(try await scene.vault("audit", "verify", "--secrets").status == 0)
    }

    // case 59
    @Test func `a locked agent has no secret in its memory, even after it has sent them`()
        async throws
    {
        var aviary = Aviary()
        let (key, client) = (aviary.canary("an App key"), aviary.canary("a client secret"))
        let scene = try await Scene(key: key.text)
        scene.celonis.change {
            $0.appKeys = [key.text]
            $0.clients = ["client-1": client.text]
        }
        func say(_ words: String..., secret: Canary? = nil) async throws {
            let said = try await scene.sandbox.program(
                words, descriptors: secret.map { [3: $0.text] } ?? [:], environment: scene.keyless
            ).start().outcome()
            #expect(said.status == 0, "\(words): \(said.errorText)")
        }
        try await scene.unlock()
        let host = NetworkTests.host
        try await say(
            "client", "create", "celonis", "--name", "client", "--set", "client-id=client-1", "--set",
            "valid-domain-names=\(host)", "--secret", "client-secret=fd:3", secret: client)
        try await say(
            "connection", "create", "celonis", "--name", "oauth", "--set", "api-type=intelligence", "--set",
            "domain=\(host)", "--set", "auth-type=oauth2", "--set", "oauth-client=client", "--set",
            "valid-domain-names=\(host)", "--set", "scopes=audit.log:read")
        for name in ["Celonis prod", "oauth"] {
            try await say("connection", "test", name)
            try await say("request", name, "/intelligence/api/knowledge-models")
            let script =
                #"curl -s -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/intelligence/api/knowledge-models""#
            try await say("proxy", name, "--", "sh", "-c", script)
        }
        let status = try await scene.keyless("status", "--json").text
        let pid = try #require(
            Int32(status.split(separator: "\"pid\":").last?.prefix { $0.isNumber } ?? ""))
        try await say("lock")
        guard let memory = Memory.written(by: pid) else {
            return print("skipped: only root can read the agent's memory")
        }
        #expect(
            Canary("the host", text: NetworkTests.host).found(in: memory) != nil, "the memory was not read")
        aviary.check(memory, "the memory of the locked agent")
    }

    @Test func `a large body is sent unchanged`() async throws {
        let scene = try await Scene()
        let body = String(repeating: "0123456789", count: 300_000)
        let words = ["request", "Celonis prod", "PUT", "/test/echo", "--data", "stdin"]
        let said = try await scene.sandbox.program(words, input: body, environment: scene.network).start()
            .outcome()
        #expect(said.status == 0, "\(said.errorText)")
        #expect(scene.celonis.state.received == 3_000_000)
    }
}
