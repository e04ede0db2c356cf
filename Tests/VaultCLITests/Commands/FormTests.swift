import Foundation
import Libc
import Testing

/// The program on a terminal: forms, hidden prompts, interruptions.
@Suite(.serialized) struct FormTests {
    @Test func `a form creates a Celonis connection with an App key`() async throws {
        let sandbox = try await Sandbox.withVault()
        let session = try Session(sandbox, "connection", "create", "celonis")
        let first = try await session.answer("API type (? for help): ", "?")
        #expect(first.contains("  1  intelligence  Intelligence\r\n  2  data-push  Data push\r\n"))
        let help = try await session.answer("API type (? for help): ", "3")
        #expect(help.contains("What the connection is used for."))
        let wrong = try await session.answer("API type (? for help): ", "inteligence")
        #expect(wrong.contains("3 is not one of the choices."))
        let near = try await session.answer("API type (? for help): ", "1")
        #expect(near.contains("Did you mean intelligence?"))
        let domain = try await session.answer("Domain (? for help): ", "?")
        #expect(!domain.contains("Pool ID"))
        let address = try await session.answer("Domain (? for help): ", "no host!")
        #expect(address.contains("Example: team.us-1.celonis.cloud"))
        let refused = try await session.answer(
            "Domain (? for help): ", "https://celigo.us-1.celonis.cloud/ui/x")
        #expect(refused.contains("invalid host name"))
        let types = try await session.answer("Auth type (? for help): ", "custom")
        #expect(types.contains("  1  custom  Custom\r\n  2  token  Token\r\n  3  oauth2  OAuth2.0\r\n"))
        try await session.answer("Name of the connection (? for help): ", "../x")
        try await session.answer("Name of the connection (? for help): ", "a\u{202E}b")
        let bidirectional = try await session.answer(
            "Name of the connection (? for help): ", String(repeating: "x", count: 400))
        #expect(bidirectional.contains("U+202E"))
        #expect(!bidirectional.contains("\u{202E}"))
        let long = try await session.answer("Name of the connection (? for help): ", "Celonis prod")
        #expect(long.contains("can't be longer than 100 characters"))
        try await session.answer("App key of Celonis prod (? for help): ", "?")
        let how = try await session.answer("App key of Celonis prod (? for help): ", "an-app-key")
        #expect(how.contains("Open Admin and settings, then Applications."))
        let end = try await session.end()
        #expect(end.status == 0, "\(end.errorText)")
        #expect(end.text == "connection 'Celonis prod' created, app-key sealed\n")
        #expect(!end.screen.contains("an-app-key"))
        let shown = try await sandbox.vault("connection", "show", "Celonis prod", "--json").text
        #expect(
            shown.contains(
                #""settings":{"api-type":"intelligence","auth-type":"custom","domain":"celigo.us-1.celonis.cloud"}"#
            ))
        let same = try await sandbox.vault(
            "secret", "verify", "Celonis prod", "app-key", "--from", "stdin", input: "an-app-key")
        #expect(same.status == 0)
    }

    @Test func `the form of a data push connection asks for its pool, and offers no OAuth`() async throws {
        let sandbox = try await Sandbox.withVault()
        let session = try Session(sandbox, "connection", "create", "celonis", "--name", "Push")
        try await session.answer("API type (? for help): ", "data-push")
        try await session.answer("Domain (? for help): ", "celigo.us-1.celonis.cloud")
        let types = try await session.answer("Auth type (? for help): ", "3")
        #expect(types.contains("2  token"))
        #expect(!types.contains("oauth2"))
        let again = try await session.answer("Auth type (? for help): ", "2")
        #expect(again.contains("3 is not one of the choices."))
        try await session.answer(
            "Pool ID (? for help): ", "https://celigo.us-1.celonis.cloud/integration/ui/pools/pool-abc123/x")
        try await session.answer("API key of Push (? for help): ", "an-api-key")
        let end = try await session.end()
        #expect(end.status == 0, "\(end.errorText)")
        let shown = try await sandbox.vault("connection", "show", "Push", "--json").text
        #expect(shown.contains(#""pool-id":"pool-abc123""#))
    }

    @Test func `editing prompts for the secret again`() async throws {
        let sandbox = try await Sandbox.withVault()
        try await sandbox.vault(
            "connection", "create", "http", "--name", "Web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "first")
        let session = try Session(sandbox, "connection", "edit", "Web", "--set", "port=8443")
        try await session.answer("Token of Web (? for help): ", "second")
        #expect(try await session.end().text == "connection 'Web' edited\n")
        let same = try await sandbox.vault(
            "secret", "verify", "Web", "token", "--from", "stdin", input: "second")
        #expect(same.status == 0)
    }

    // case 63
    @Test(arguments: 0..<5)
    func `^C at any prompt exits with 130, restores the echo and changes nothing`(_ place: Int) async throws {
        let sandbox = try await Sandbox.withVault()
        let before = try await sandbox.vault("audit", "export").output
        let questions = [
            ("API type (? for help): ", "1"), ("Domain (? for help): ", "celigo.us-1.celonis.cloud"),
            ("Auth type (? for help): ", "1"), ("Name of the connection (? for help): ", "Prod"),
            ("App key of Prod (? for help): ", "half of it"),
        ]
        let session = try Session(sandbox, "connection", "create", "celonis")
        for (question, answer) in questions.prefix(place) { try await session.answer(question, answer) }
        try await session.press(questions[place].0, "half")
        try await session.pty.type("\u{3}")
        let end = try await session.end()
        #expect(end.status == 130)
        #expect(end.text.isEmpty)
        #expect(end.errorText == "vault: error: interrupted\n")
        #expect(try await sandbox.vault("audit", "export").output == before)
    }

    @Test func `init asks for a passphrase twice, shows the recovery code once, and confirms it`()
        async throws
    {
        let sandbox = try Sandbox()
        let passphrase = ["VAULT_KEY_FILE": ""]
        let given = try Session(sandbox, "init", "--member", "ana", environment: passphrase)
        try await given.answer("New passphrase of ana: ", "one thing")
        try await given.press("New passphrase of ana, again: ", "\u{3}")
        #expect(try await given.end().status == 130)
        #expect(!sandbox.exists("v/vault.db"))

        let session = try Session(sandbox, "init", "--member", "ana", environment: passphrase)
        try await session.answer("New passphrase of ana: ", "one thing")
        try await session.answer("New passphrase of ana, again: ", "another")
        let differ = try await session.answer("New passphrase of ana: ", "correct horse")
        #expect(differ.contains("Passphrases don't match."))
        try await session.answer("New passphrase of ana, again: ", "correct horse")
        let screen = try await session.answer("Enter the recovery code to confirm it: ", "not this")
        let shown = screen.components(separatedBy: "\r\n\r\n")
        let code = try #require(shown.count > 1 ? shown[1].trimmingCharacters(in: .whitespaces) : nil)
        #expect(code.count > 52)
        let again = try await session.answer("Enter the recovery code to confirm it: ", code.lowercased())
        #expect(again.contains("The recovery codes don't match."))
        let end = try await session.end()
        #expect(end.status == 0, "\(end.errorText)")
        #expect(end.screen.contains("The recovery code is correct."))
        #expect(end.text.contains("ana is its admin"))

        let locked = try Session(sandbox, "key", "rotate", environment: passphrase)
        try await locked.answer("Passphrase of ana: ", "wrong")
        let refused = try await locked.end()
        #expect(refused.status == 12)
        #expect(refused.errorText.contains("wrong passphrase for ana"))
        let open = try Session(sandbox, "key", "rotate", environment: passphrase)
        try await open.answer("Passphrase of ana: ", "correct horse")
        #expect(try await open.end().status == 0)
        let recovered = try await sandbox.vault(
            "key", "rotate", "--recovery-from", "stdin", input: code, environment: passphrase)
        #expect(recovered.status == 0, "\(recovered.errorText)")
    }

    // case 64
    @Test func `--no-input forbids prompts on a terminal`() async throws {
        let sandbox = try await Sandbox.withVault()
        let form = try Session(sandbox, "connection", "create", "celonis", "--no-input")
        let missing = try await form.end()
        #expect(missing.status == 64)
        #expect(missing.errorText.contains("--name is required"))
        #expect(missing.errorText.contains("domain is required"))
        let locked = try Session(sandbox, "key", "rotate", "--no-input", environment: ["VAULT_KEY_FILE": ""])
        #expect(try await locked.end().status == 11)
    }

    // cases 56, 57
    @Test func `a crash at a prompt leaves no core and no output`() async throws {
        let sandbox = try await Sandbox.withVault()
        var aviary = Aviary()
        let secret = aviary.canary("a typed secret")
        let pty = try Pty()
        let program = sandbox.program(
            [
                "connection", "create", "http", "--name", "web", "--set", "domain=a.example.com", "--set",
                "auth-type=bearer", "--set", "port=443", "--set", "test-path=/",
            ], environment: ["TERM": "dumb"], terminal: pty.path)
        let running = try program.start()
        try await pty.wait(for: "Token of web (? for help): ")
        try await pty.type(secret.text)
        let screen = try await pty.rest()
        running.signal(SIGABRT)
        let outcome = try await running.outcome()
        #expect(outcome.status == 128 + SIGABRT)
        #expect(!outcome.dumpedCore)
        #expect(outcome.output.isEmpty && outcome.error.isEmpty)
        aviary.check(Array(screen.utf8), "the terminal")
        aviary.check(Array(try await pty.rest().utf8), "the terminal after the crash")
        aviary.check(folder: sandbox.folder)
    }
}
