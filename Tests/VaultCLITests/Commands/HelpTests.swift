import Testing

@Suite struct HelpTests {
    @Test func `every command has help`() async throws {
        let sandbox = try Sandbox()
        let commands = try await CommandTree.all()
        #expect(commands.count > 40)
        for words in [[]] + commands {
            let help = try await sandbox.program(words + ["--help"]).start().outcome()
            let name = (["vault"] + words).joined(separator: " ")
            #expect(help.status == 0, "\(name)")
            #expect(help.error.isEmpty, "\(name)")
            #expect(help.text.hasPrefix("OVERVIEW: "), "\(name)")
            #expect(help.text.contains("\nUSAGE: \(name) "), "\(name)")
            let again = try await sandbox.program(["help"] + words).start().outcome()
            #expect(again.text == help.text, "\(name)")
        }
        // Help needs no vault and creates none.
        #expect(!sandbox.exists("v/vault.db") && !sandbox.exists("home/state"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `the completion script is valid`(_ shell: String) async throws {
        let sandbox = try Sandbox()
        let script = try await sandbox.vault("completion", shell)
        #expect(script.status == 0 && script.error.isEmpty)
        #expect(script.text.contains("vault") && script.text.contains("used-by"))
        try sandbox.write(script.text, to: "script")
        guard try await sandbox.shell("command -v \(shell)").status == 0 else {
            return print("skipped: needs \(shell)")
        }
        let read = try await sandbox.shell("\(shell) -n script")
        #expect(read.status == 0, "\(read.errorText)")
    }

    // case 68
    @Test func `a very long name is rejected with a short message`() async throws {
        let sandbox = try await Sandbox.withVault()
        let name = String(repeating: "n", count: 120_000)
        let made = try await sandbox.vault(
            "connection", "create", "http", "--name", name, "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: "x")
        #expect(made.status == 64)
        #expect(made.error.count < 300)
        #expect(try await sandbox.vault("connection", "show", name).status == 14)
        #expect(
            try await sandbox.vault("init", "--member", name, environment: ["VAULT_FILE": "/x/y"]).status
                == 64)
    }
}
