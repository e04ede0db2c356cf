import Foundation
import Libc
import StandIn
import Testing

extension Journey {
    /// Commands without a key through an agent, and failures there; the agent's log is checked too (case 81).
    func leaveItToTheAgent(_ mark: String) async throws {
        let (host, name) = ("celigo.us-1.celonis.cloud", "agent \(mark)")
        let certificates = try TestCertificates(in: elsewhere.folder + "/agent-ca-\(mark)", names: [host])
        let celonis = try await Celonis(certificates: certificates)
        let agent = try sandbox.program(
            ["agent", "--for", "1h"],
            environment: [
                "SSL_CERT_FILE": certificates.authority, "XDG_RUNTIME_DIR": elsewhere.folder + "/run",
                "VAULT_CONNECT_TO": "\(host):443:127.0.0.1:\(celonis.port)",
            ]
        ).start()
        for _ in 0..<600 where try await sandbox.vault("status", environment: keyless).status != 0 {
            try await Task.sleep(for: .milliseconds(50))
        }
        let key = aviary.canary("an App key that only the agent uses")
        try await create(name, key, celonis)
        try await fail(name, key, celonis)
        try await proxy(name)
        try await lockInTheMiddle(name, celonis)
        agent.signal(SIGTERM)
        let log = try await agent.outcome()
        #expect(log.errorText.contains("request=\"SendRequest\"") && log.errorText.contains("why="))
        aviary.check(log.output + log.error, "the agent's log")
        await celonis.stop()
    }

    /// No key, and a separate folder for sockets, apart from the agent that `unlock` started.
    private var keyless: [String: String] {
        ["VAULT_KEY_FILE": "", "XDG_RUNTIME_DIR": elsewhere.folder + "/run"]
    }

    private func create(_ name: String, _ key: Canary, _ celonis: Celonis) async throws {
        for status: Int32 in [3, 0] {
            try await say(
                "connection", "create", "celonis", "--name", name, "--set", "api-type=intelligence", "--set",
                "domain=celigo.us-1.celonis.cloud", "--set", "auth-type=custom", "--secret", "app-key=fd:3",
                "--test", fails: status, secrets: [key.text], environment: keyless)
            celonis.change { $0.appKeys = [key.text] }
        }
        try await say(
            "exec", name, "--", "sh", "-c", "env; env >&2; exit 9", fails: 9, environment: keyless)
        try await say("exec", name, "--", "/no/such/command", fails: 127, environment: keyless)
        try await say("exec", name, "nobody", "--", "true", fails: 14, environment: keyless)
    }

    /// Failures of the provider.
    private func fail(_ name: String, _ key: Canary, _ celonis: Celonis) async throws {
        for set in [\Celonis.State.powerless, \.disabled, \.limited] {
            celonis.change { $0[keyPath: set] = [key.text] }
            try await say("connection", "test", name, fails: 3, environment: keyless)
            celonis.change { $0[keyPath: set] = [] }
        }
        try await say("connection", "test", name, environment: keyless)
        let sent = Canary("a body that is no secret")
        let echo = try await say(
            "request", name, "POST", "/test/echo", "--data", "fd:3", secrets: [sent.text + key.text],
            environment: keyless)
        #expect(echo.text.contains(sent.text), "a body that is no secret comes back as it is")
        for path in ["cut", "encoded", "nothing"] {
            try await say("request", name, "/test/\(path)", fails: 17, environment: keyless)
        }
        try await say("request", name, "/test/redirect", "--include", fails: 17, environment: keyless)
        try await say("request", name, "/\\evil.example", fails: 64, environment: keyless)
        try await say("token", name, fails: 64, environment: keyless)
    }

    /// Prints every kind of response that a client of the proxy can get.
    private func proxy(_ name: String) async throws {
        let script = #"""
            say() { curl -si --max-time 60 "$@"; echo; }
            with() { say -H "Authorization: Bearer $CELONIS_API_TOKEN" "$@"; }
            env
            for path in echo echo-chunked echo-base64 cut encoded redirect large nothing; do
                with "$CELONIS_URL/test/$path"
            done
            with -d "$CELONIS_API_TOKEN" "$CELONIS_URL/test/echo"
            say "$CELONIS_URL/test/echo"
            with -H 'Host: rebound.example' "$CELONIS_URL/test/echo"
            with -H 'Origin: https://evil.example' "$CELONIS_URL/test/echo"
            with --path-as-is "$CELONIS_URL/../x"
            say -X TRACE "$CELONIS_URL/test/echo"
            """#
        try await say("proxy", name, "--", "sh", "-c", script, environment: keyless)
        try await say(
            "proxy", name, "--listen", "0.0.0.0:0", "--", "true", fails: 64, environment: keyless)
        try await say("proxy", "nobody", "--", "true", fails: 14, environment: keyless)
    }

    private func lockInTheMiddle(_ name: String, _ celonis: Celonis) async throws {
        celonis.change { $0.requests = [] }
        let request = try sandbox.program(
            ["request", name, "/test/endless", "--include"], environment: keyless
        ).start()
        for _ in 0..<3_000 where celonis.state.requests.isEmpty {
            try await Task.sleep(for: .milliseconds(10))
        }
        try await say("lock", environment: keyless)
        let cut = try await request.outcome()
        #expect(cut.status == 11)
        aviary.check(cut.output + cut.error, "a request that was cut")
        try await say("request", name, "/test/echo", fails: 11, environment: keyless)
    }
}
