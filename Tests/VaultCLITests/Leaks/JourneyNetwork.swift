import Foundation
import StandIn
import Testing

extension Journey {
    /// Network commands, with a provider that echoes secrets (case 81).
    func reach(_ mark: String, _ app: Canary) async throws {
        let host = "celigo.us-1.celonis.cloud"
        let certificates = try TestCertificates(in: elsewhere.folder + "/ca-\(mark)", names: [host])
        let celonis = try await Celonis(certificates: certificates)
        let network = [
            "SSL_CERT_FILE": certificates.authority,
            "VAULT_CONNECT_TO": "\(host):443:127.0.0.1:\(celonis.port)",
        ]
        let (custom, oauth) = ("custom \(mark)", "oauth \(mark)")
        let client = aviary.canary("a client secret that mints")
        try await say(
            "secret", "set", "client \(mark)", "client-secret", "--from", "fd:3", secrets: [client.text])
        try await say("connection", "test", custom, fails: 3, environment: network)
        celonis.change {
            $0.appKeys = [app.text]
            $0.clients = ["d": client.text]
        }
        for name in [custom, oauth] {
            try await say("connection", "test", name, environment: network)
            try await say("request", name, "/test/echo", "--include", environment: network)
            try await say("request", name, "/test/echo-chunked", "--include", environment: network)
            try await say("request", name, "/test/echo-base64", fails: 17, environment: network)
            try await say("request", name, "/test/cut", fails: 17, environment: network)
            try await say(
                "proxy", name, "--", "sh", "-c",
                #"env; curl -si -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/test/echo-chunked""#,
                environment: network)
        }
        try await rotate(mark, app, celonis, network)
        try await say("exec", oauth, "--", "sh", "-c", "env; env >&2", environment: network)
        try await say("token", oauth, environment: network)
        try await say("token", oauth, "--to", "file:\(elsewhere.folder)/token", environment: network)
        try await say("token", custom, fails: 64, environment: network)
        for mode in [.errorWith200, .notJSON, .huge] as [Celonis.TokenMode] {
            celonis.change { $0.tokenMode = mode }
            try await say("token", oauth, fails: 17, environment: network)
        }
        for path in ["//evil.example", "https://evil.example/", "/../x"] {
            try await say("request", custom, path, fails: 64, environment: network)
        }
        try await say("request", custom, "/", "-H", "Authorization: x", fails: 64, environment: network)
        try await say("connection", "annotate", custom, "--allow", "proxy", "--allow-path", "GET /test/**")
        try await say("request", custom, "/test/echo", fails: 16, environment: network)
        try await say("connection", "show", custom)
        try await say("connection", "annotate", custom, "--allow", "all", "--allow-path", "")
        await celonis.stop()
        try await say("request", custom, "/test/echo", fails: 17, environment: network)
        for token in celonis.state.tokens { aviary.canaries.append(Canary("a minted token", text: token)) }
    }
}
