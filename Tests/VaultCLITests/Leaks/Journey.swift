import Foundation
import Testing

/// Runs every command and every kind of failure with canaries for all secrets (cases 51 to 55, 61, 62).
///
/// Secrets reach the program only by descriptors, so a file of the sandbox holds one only if the program wrote it.
final class Journey {
    let sandbox: Sandbox
    /// A folder for the test's own secrets, such as the recovery code.
    let elsewhere: Sandbox
    var aviary = Aviary()
    /// The first words of the commands that were run.
    private(set) var commands: Set<[String]> = []
    private(set) var statuses: Set<Int32> = []
    /// Whether commands get `--json`.
    var json = false

    init() throws {
        sandbox = try Sandbox()
        elsewhere = try Sandbox()
    }

    /// Runs a command and checks its output. Secrets are passed as `fd:3`, `fd:4`, …
    @discardableResult
    func say(
        _ words: String..., fails status: Int32 = 0, secrets: [String] = [],
        environment: [String: String] = [:],
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> Launch.Outcome {
        var arguments = words
        if json { arguments.insert("--json", at: words.firstIndex(of: "--") ?? words.count) }
        let given = Dictionary(uniqueKeysWithValues: zip(Int32(3)..., secrets))
        let program = sandbox.program(arguments, descriptors: given, environment: environment)
        let outcome = try await program.start().outcome()
        let title = words.prefix(3).joined(separator: " ")
        #expect(outcome.status == status, "\(title): \(outcome.errorText)", sourceLocation: location)
        aviary.check(outcome.output, "the output of \(title)", location)
        aviary.check(outcome.error, "the errors of \(title)", location)
        for count in 1...2 { commands.insert(Array(words.prefix(count))) }
        statuses.insert(outcome.status)
        return outcome
    }

    /// Checks all files of the sandbox.
    func checkFiles() throws {
        let count = aviary.check(folder: sandbox.folder)
        #expect(count > 5)
    }
}

extension Journey {
    static let celonis = ["--set", "domain=celigo.us-1.celonis.cloud"]

    /// Connections of every kind; names end in `mark`.
    func create(_ mark: String) async throws -> Canary {
        let app = aviary.canary("an App key")
        let api = aviary.canary("an API key")
        let client = aviary.canary("a client secret")
        let password = aviary.canary("a password")
        let token = aviary.canary("a token")
        let lines = aviary.canary("a key of several lines")
        let pem = "-----BEGIN PRIVATE KEY-----\n\(lines.text)\n\(lines.text)\n-----END PRIVATE KEY-----\n"
        let ca = "-----BEGIN CERTIFICATE-----\nTWFkZSB1cA==\n-----END CERTIFICATE-----"
        try await say(
            "connection", "create", "celonis", "--name", "custom \(mark)", "--set", "api-type=intelligence",
            "--set",
            "domain=celigo.us-1.celonis.cloud", "--set", "auth-type=custom", "--secret", "app-key=fd:3",
            secrets: ["AppKey \(app.text)\n"])
        try await say(
            "connection", "create", "celonis", "--name", "token \(mark)", "--set", "api-type=data-push",
            "--set",
            "domain=celigo.us-1.celonis.cloud", "--set", "auth-type=token", "--set", "pool-id=p", "--secret",
            "api-key=fd:3", secrets: [api.text])
        try await say(
            "client", "create", "celonis", "--name", "client \(mark)", "--set", "client-id=abc", "--set",
            "valid-domain-names=celigo.us-1.celonis.cloud", "--secret", "client-secret=fd:3",
            secrets: [client.text])
        try await say(
            "connection", "create", "celonis", "--name", "oauth \(mark)", "--set", "api-type=intelligence",
            "--set",
            "domain=celigo.us-1.celonis.cloud", "--set", "auth-type=oauth2", "--set",
            "oauth-client=client \(mark)",
            "--set", "valid-domain-names=celigo.us-1.celonis.cloud", "--set", "scopes=audit.log:read")
        try await say(
            "connection", "create", "postgresql", "--name", "sql \(mark)", "--set", "host=db.example.com",
            "--set",
            "database=d", "--set", "user=u", "--set", "ca=\(ca)", "--set", "certificate=\(ca)", "--secret",
            "certificate-key=fd:3", "--secret", "password=fd:4", secrets: [pem, password.text])
        try await say(
            "connection", "create", "http", "--name", "web \(mark)", "--set", "domain=api.example.com",
            "--set",
            "auth-type=bearer", "--secret", "token=fd:3", "--tag", "a=b", "--note", "n", secrets: [token.text]
        )
        return app
    }

    /// Reads and uses the connections of `create`.
    func use(_ mark: String, _ app: Canary) async throws {
        for kind in ["connection", "client"] {
            try await say(kind, "list")
            try await say(kind, "show", kind == "client" ? "client \(mark)" : "sql \(mark)")
            try await say(kind, "used-by", kind == "client" ? "client \(mark)" : "custom \(mark)")
        }
        try await say("connection", "history", "custom \(mark)")
        try await say("connection", "annotate", "web \(mark)", "--note", "another")
        let new = aviary.canary("a new token")
        let wrong = aviary.canary("a wrong token")
        try await say(
            "secret", "set", "web \(mark)", "token", "--from", "fd:3", "--expires", "90d", secrets: [new.text]
        )
        try await say("secret", "list", "web \(mark)")
        try await say("secret", "verify", "custom \(mark)", "app-key", "--from", "fd:3", secrets: [app.text])
        try await say(
            "secret", "verify", "web \(mark)", "token", "--from", "fd:3", fails: 3, secrets: [wrong.text])
        try await say(
            "connection", "edit", "web \(mark)", "--set", "port=8443", "--secret", "token=fd:3",
            secrets: [wrong.text])
        try await say(
            "connection", "clone", "web \(mark)", "--name", "web copy \(mark)", "--secret", "token=fd:3",
            secrets: [new.text])
        try await say(
            "client", "edit", "client \(mark)", "--set", "client-id=d", "--secret", "client-secret=fd:3",
            secrets: [new.text])
        try await say("exec", "custom \(mark)", "--", "sh", "-c", "env; env >&2")
        try await say("exec", "sql \(mark)", "--", "sh", "-c", "env; cat $PGSSLKEY; base64 $PGSSLKEY")
        try await say(
            "exec", "web \(mark)", "--", "sh", "-c", "printf %s \"$HTTP_API_TOKEN\" | base64 >&2; exit 9",
            fails: 9)
        try await say("exec", "custom \(mark)", "--", "/no/such/command", fails: 127)
    }

    /// The remaining commands.
    func administer() async throws {
        try await say("status", fails: 11)
        try await say("doctor")
        try await say("unlock", "--for", "1h")
        try await say("status")
        try await say("audit", "verify", "--secrets", environment: ["VAULT_KEY_FILE": ""])
        try await say("lock")
        try await say("agent", "--passphrase-from", "stdin", fails: 64)
        try await say("connector", "list")
        try await say("connector", "show", "celonis")
        try await say("connector", "lint", "\(sandbox.folder)/own.yaml")
        try await say("connector", "add", "\(sandbox.folder)/own.yaml")
        try await say("connector", "remove", "own")
        try await say("key", "status")
        try await say("key", "rotate")
        try await say("slot", "list")
        try await say("member", "list")
        try await say("audit", "log")
        try await say("audit", "show", "3")
        try await say("audit", "verify", "--secrets")
        try await say("audit", "checkpoint")
        try await witness()
        try await say("audit", "export")
        try await say("audit", "export", "--format", "csv")
        try await say("audit", "accept")
        try await say("export", "connections")
        try await say("export", "connections", "--format", "csv")
        json = false
        try await say("completion", "bash")
    }

    /// Checkpoints, proofs, bundles and backups.
    private func witness() async throws {
        let mark = json ? "json" : "text"
        let folder = sandbox.folder
        try await say("audit", "cosign")
        let founder = try await say("audit", "show", "0", "--json").text.split(separator: "\"sign_key\":\"")[
            1]
        let proof = try await sandbox.shell(
            "vault audit prove 3 > \(mark).proof && vault audit checkpoint > \(mark).checkpoint",
            environment: sandbox.named)
        #expect(proof.status == 0)
        try await say("audit", "prove", "3")
        try await say(
            "audit", "verify-proof", "\(folder)/\(mark).proof", "--checkpoint",
            "\(folder)/\(mark).checkpoint",
            "--founder-key", String(founder.prefix(64)))
        let other = ["VAULT_FILE": "\(folder)/\(mark)-other/vault.db"]
        let key = ["--member", "ana", "--key-file", "\(folder)/\(mark)-other.key"]
        try await say("init", key[0], key[1], key[2], key[3], "--no-recovery", environment: other)
        let bundle = try await sandbox.shell(
            """
            to=$(VAULT_FILE='\(folder)/\(mark)-other/vault.db' vault member list --json | sed 's/.*"receive_key":"//; s/".*//')
            vault export bundle --to "$to" > '\(mark).bundle'; printf %s "$to"
            """, environment: sandbox.named)
        try await say("export", "bundle", "--to", bundle.text)
        try await say(
            "import", "vault", "\(folder)/\(mark).bundle", key[2], key[3], environment: other)
        try await say("backup", "create", "\(folder)/\(mark).backup")
        try await say("backup", "verify", "\(folder)/\(mark).backup")
        // A reader holds the vault open, so restore elsewhere.
        let place = "\(folder)/\(mark)/vault.db"
        try await say("backup", "restore", "\(folder)/\(mark).backup", "--vault", place)
        try await say("backup", "restore", "\(folder)/\(mark).backup", "--vault", place, fails: 15)
    }

    func remove(_ mark: String) async throws {
        for name in ["custom", "token", "oauth", "sql", "web", "web copy", "agent"] {
            try await say("connection", "remove", "\(name) \(mark)")
        }
        try await say("client", "remove", "client \(mark)")
    }
}
