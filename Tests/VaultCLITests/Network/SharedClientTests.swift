import StandIn
import Testing

/// Rotating the secret of an OAuth 2.0 client that several connections use.
@Suite struct SharedClientTests {
    @Test
    func `a client's pending secret is tested with every connection, and finishing waits for all of them`()
        async throws
    {
        let scene = try await NetworkTests.Scene()
        let other = "other.eu-1.celonis.cloud"
        func give(_ words: [String], _ secret: String? = nil) async throws -> Launch.Outcome {
            let said = try await scene.sandbox.program(words, input: secret, environment: scene.network)
                .start()
                .outcome()
            #expect(said.status == 0, "\(said.errorText)")
            return said
        }
        _ = try await give(
            [
                "client", "create", "celonis", "--name", "Shared", "--set", "client-id=client-1", "--set",
                "valid-domain-names=\(NetworkTests.host)", "--set", "valid-domain-names=\(other)", "--secret",
                "client-secret=stdin",
            ], "the-old-secret")
        // The other host is not redirected, so its connection fails.
        for (name, host) in [("A", NetworkTests.host), ("B", other)] {
            _ = try await give([
                "connection", "create", "celonis", "--name", name, "--set", "api-type=intelligence", "--set",
                "domain=\(host)", "--set", "auth-type=oauth2", "--set", "oauth-client=Shared", "--set",
                "valid-domain-names=\(host)", "--set", "scopes=studio.packages:read",
            ])
        }
        let started = try await give(
            ["rotate", "start", "Shared", "--secret", "client-secret=stdin"], "good client/secret+")
        #expect(started.text.hasPrefix("client-secret version 2 of 'Shared' pending; used by 'A', 'B'\n"))
        let failed = try await scene.vault("rotate", "test", "Shared")
        #expect(failed.status == 3, "\(failed.errorText)")
        #expect(failed.errorText.contains("'A' passed with the pending credential"))
        #expect(failed.errorText.contains("the test of 'B' with the pending credential failed: "))
        #expect(try await scene.vault("rotate", "finish", "Shared").status == 16)
        _ = try await give(["connection", "remove", "B"])
        let passed = try await give(["rotate", "test", "Shared"])
        #expect(passed.text.hasPrefix("client-secret version 2 of 'Shared' passed its test with 'A'\n"))
        // Until then the old one is in use.
        #expect(try await scene.vault("connection", "test", "A").status == 3)
        _ = try await give(["rotate", "finish", "Shared"])
        #expect(try await scene.vault("connection", "list").text.contains("passed, "))
        #expect(try await scene.vault("connection", "test", "A").status == 0)
        let entries = try await scene.vault("audit", "log", "--action", "rotation.finish", "--json").text
        #expect(entries.split(separator: "\n").count == 1)
        #expect(try await scene.vault("audit", "verify", "--secrets").status == 0)
    }
}
