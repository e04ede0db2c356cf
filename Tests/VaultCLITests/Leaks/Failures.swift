import Foundation
import Testing

extension Journey {
    /// Misplaced secrets: rejected, and not repeated (cases 53, 54).
    func misplace(_ mark: String) async throws {
        let secret = aviary.canary("a secret among the arguments").text
        // Letters only, as in a command's name.
        let word = Canary("a password like a word", text: String(secret.filter(\.isLetter).lowercased()))
        aviary.canaries.append(word)
        for text in [secret, word.text] {
            let form = ["connection", "create", "celonis", "--name", "x"] + Self.celonis
            for extra in [
                ["--secret", "app-key=\(text)"], ["--secret=app-key=\(text)"], ["--secret", text],
                ["--secret", "app-key=env:\(text)"], ["--app-key=\(text)"], ["--app-key", text], [text],
                ["--set", "api-type=intelligence", "--set", "auth-type=custom", "--set", "app-key=\(text)"],
                ["--limit", text],
            ] {
                try await sayAll(form + extra, fails: 64)
            }
            try await say("secret", "set", "web \(mark)", "token", text, fails: 64)
            try await say("secret", "set", "web \(mark)", "token", "--from", text, fails: 64)
            try await say("secret", "set", "web \(mark)", "token", "--from=env:\(text)", fails: 64)
            try await say("secret", "verify", "web \(mark)", "token", "--from", text, fails: 64)
            try await say("key", "rotate", "--passphrase-from", text, fails: 64)
            try await say("key", "rotate", "--passphrase=\(text)", fails: 64)
            try await say("key", "rotate", "--recovery-from", text, fails: 64)
            try await say("slot", "add", text, fails: 64)
            try await say("slot", "add", "passphrase", "--from", text, fails: 64)
            try await say("audit", "show", text, fails: 64)
            try await say("connection", "list", "--limit", text, fails: 64)
            try await sayAll(["exec", "-p\(text)", "web \(mark)"], fails: 64)
            try await sayAll([text], fails: 64)
            try await sayAll(["secret", text], fails: 64)
            try await say("completion", text, fails: 64)
        }
    }

    private func sayAll(_ words: [String], fails status: Int32) async throws {
        var arguments = words
        if json { arguments.append("--json") }
        let outcome = try await sandbox.program(arguments).start().outcome()
        #expect(outcome.status == status, "\(words.prefix(3)): \(outcome.text)\(outcome.errorText)")
        aviary.check(outcome.output + outcome.error, "what \(words.prefix(3)) says")
    }

    /// Invalid values of a secret.
    func misfit(_ mark: String) async throws {
        let secret = aviary.canary("a value that does not fit").text
        let long = String(repeating: secret, count: 2_000)
        for value in ["Bearer \(secret)", "\(secret)\n\(secret)", "\(secret)\0\(secret)", "", long] {
            try await say(
                "secret", "set", "custom \(mark)", "app-key", "--from", "fd:3", fails: 64, secrets: [value])
        }
        try await say(
            "secret", "set", "token \(mark)", "api-key", "--from", "fd:3", fails: 64,
            secrets: ["AppKey \(secret)"])
        try await say(
            "secret", "set", "nobody \(mark)", "token", "--from", "fd:3", fails: 14, secrets: [secret])
        try await say(
            "secret", "set", "web \(mark)", "app-key", "--from", "fd:3", fails: 14, secrets: [secret])
        try await say(
            "connection", "create", "http", "--name", "web \(mark)", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=fd:3", fails: 15, secrets: [secret])
        try await say(
            "connection", "create", "http", "--name", "x", "--set", "domain=evil example", "--set",
            "auth-type=basic",
            "--secret", "token=fd:3", fails: 64, secrets: [secret])
        try await say(
            "connection", "edit", "sql \(mark)", "--set", "port=1", "--secret", "password=fd:3", fails: 64,
            secrets: [secret])
        try await say(
            "exec", "oauth \(mark)", "--", "true", fails: 17,
            environment: ["VAULT_CONNECT_TO": "celigo.us-1.celonis.cloud:443:127.0.0.1:9"])
        try await say("exec", "web \(mark)", "web copy \(mark)", "--", "true", fails: 64)
        try await say("client", "remove", "client \(mark)", fails: 16)
    }

    /// Failing to unlock.
    func knock(_ mark: String) async throws {
        let wrong = aviary.canary("a wrong key file").text
        let none = ["VAULT_KEY_FILE": ""]
        try await say("key", "rotate", fails: 11, environment: none)
        try await say("exec", "web \(mark)", "--", "true", fails: 11, environment: none)
        // The content of a key file is a canary too.
        for (length, name) in [(32, "wrong.key"), (40, "long.key")] {
            try elsewhere.write(String(wrong.prefix(length)), to: name)
            let path = "\(elsewhere.folder)/\(name)"
            try await say("secret", "list", "web \(mark)", "--key-file", path)
            try await say("key", "rotate", "--key-file", path, fails: 12)
        }
        try await say("key", "rotate", fails: 14, environment: ["VAULT_MEMBER": "bo"])
        try await say(
            "key", "rotate", fails: 10, environment: ["VAULT_FILE": "\(sandbox.folder)/nowhere/vault.db"])
    }

    /// A full disk, and a damaged file (case 61).
    func damage(_ mark: String) async throws {
        let secret = aviary.canary("a secret that cannot be written").text
        let place = sandbox.folder
        let script = """
            ulimit -f 1; trap '' XFSZ
            vault secret set 'web \(mark)' token --from fd:3 \(json ? "--json" : "")
            """
        var program = Launch(path: "/bin/sh", arguments: ["sh", "-c", script], environment: sandbox.named)
        program.descriptors = [3: Array(secret.utf8)]
        let outcome = try await program.start().outcome()
        #expect(outcome.status != 0)
        aviary.check(outcome.output + outcome.error, "the output when nothing can be written")

        let copy = "\(place)/copy-\(json)"
        try await sandbox.shell(
            "cp -R v '\(copy)'; rm -f '\(copy)'/*-wal '\(copy)'/*-shm; chmod 700 '\(copy)'")
        let other = ["VAULT_FILE": "\(copy)/vault.db", "XDG_STATE_HOME": "\(copy)/state"]
        for change in [
            "UPDATE secrets SET sealed = zeroblob(length(sealed))",
            "UPDATE owners SET settings = replace(settings, '443', '444')",
            "CREATE TRIGGER t AFTER UPDATE ON secrets BEGIN SELECT raise(ABORT, 'no'); END",
        ] {
            let changed = try await sandbox.shell("sqlite3 '\(copy)/vault.db' \"\(change)\"")
            guard changed.status == 0 else { return print("skipped: needs sqlite3") }
            try await say("exec", "web \(mark)", "--", "true", fails: 13, environment: other)
            try await say("audit", "verify", "--secrets", fails: 13, environment: other)
            try await say(
                "secret", "verify", "web \(mark)", "token", "--from", "fd:3", fails: 13, secrets: [secret],
                environment: other)
        }
        try await sandbox.shell("truncate -s 20000 '\(copy)/vault.db'")
        try await say(
            "secret", "set", "web \(mark)", "token", "--from", "fd:3", fails: 13, secrets: [secret],
            environment: other)
    }
}
