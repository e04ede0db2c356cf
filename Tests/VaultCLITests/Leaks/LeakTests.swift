import Foundation
import Libc
import Testing

@Suite struct LeakTests {
    // cases 51 to 55, 61, 62
    @Test func `no command or failure prints a secret, and no file holds one`() async throws {
        let journey = try Journey()
        let sandbox = journey.sandbox
        try sandbox.write(Self.connector, to: "own.yaml")
        try await journey.say("init", "--member", "ana", "--recovery-to", "\(journey.elsewhere.folder)/code")
        let code = try String(contentsOfFile: "\(journey.elsewhere.folder)/code", encoding: .utf8)
        journey.aviary.canaries.append(
            Canary("the recovery code", text: code.trimmingCharacters(in: .newlines)))
        journey.aviary.canaries.append(
            Canary("the recovery code", text: code.filter { $0.isLetter || $0.isNumber }))

        // A reader prevents checkpoints, so the write-ahead log keeps everything that was written.
        let reader = try Launch(
            path: "/bin/sh",
            arguments: [
                "sh", "-c",
                "mkfifo hold; (echo 'SELECT count(*) FROM entries;'; cat hold) | sqlite3 v/vault.db",
            ].map { $0.replacingOccurrences(of: " hold", with: " '\(sandbox.folder)/tmp/hold'") }
                .map { $0.replacingOccurrences(of: " v/", with: " \(sandbox.folder)/v/") },
            environment: sandbox.named
        ).start()
        defer { kill(-reader.process, SIGKILL) }

        for (json, mark) in [(false, "one"), (true, "two")] {
            journey.json = json
            let app = try await journey.create(mark)
            try await journey.use(mark, app)
            try await journey.reach(mark, app)
            try await journey.leaveItToTheAgent(mark)
            try await journey.misplace(mark)
            try await journey.misfit(mark)
            try await journey.knock(mark)
            try await journey.damage(mark)
            try await journey.meet(mark)
            try await journey.administer()
            if try await sandbox.shell("command -v sqlite3").status == 0 {
                #expect(sandbox.exists("v/vault.db-wal"))
            }
            try journey.checkFiles()
            journey.json = json
            try await journey.remove(mark)
        }
        try await journey.say(
            "key", "rotate", "--recovery-from", "fd:3", secrets: [code], environment: ["VAULT_KEY_FILE": ""])
        try await Self.passphrases(journey)
        kill(-reader.process, SIGKILL)
        _ = try await reader.outcome()
        try journey.checkFiles()

        let missing = try await CommandTree.leaves().filter {
            !journey.commands.contains(Array($0.prefix(2)))
        }
        #expect(missing.isEmpty, "commands that this journey does not run: \(missing)")
        #expect(journey.statuses.isSuperset(of: [0, 3, 9, 10, 11, 12, 13, 14, 15, 16, 17, 64, 127]))
    }

    /// Only a few, because each derivation takes 256 MiB of memory.
    private static func passphrases(_ journey: Journey) async throws {
        let passphrase = journey.aviary.canary("a passphrase").text
        let wrong = journey.aviary.canary("a wrong passphrase").text
        let none = ["VAULT_KEY_FILE": ""]
        try await journey.say("slot", "add", "passphrase", "--from", "fd:3", secrets: [passphrase])
        try await journey.say(
            "key", "rotate", "--passphrase-from", "fd:3", secrets: [passphrase], environment: none)
        journey.json = false
        try await journey.say(
            "key", "rotate", "--passphrase-from", "fd:3", fails: 12, secrets: [wrong], environment: none)
        let slots = try await journey.say("slot", "list").text.split(separator: "\n")
        let slot = try #require(slots.first { $0.contains("passphrase") }?.prefix(32))
        try await journey.say("slot", "remove", String(slot))
        let (made, again) = (passphrase.reversed(), "\(journey.sandbox.folder)/second/vault.db")
        journey.aviary.canaries.append(Canary("a founder's passphrase", text: String(made)))
        try await journey.say(
            "init", "--no-recovery", "--passphrase-from", "fd:3", secrets: [String(made)],
            environment: ["VAULT_KEY_FILE": "", "VAULT_FILE": again])
    }

    // cases 53, 55
    @Test func `while a command runs, only its environment has the secret`() async throws {
        let sandbox = try await Sandbox.withVault()
        var aviary = Aviary()
        let secret = aviary.canary("a token")
        try await sandbox.vault(
            "connection", "create", "http", "--name", "web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: secret.text)
        let look = """
            cd '\(sandbox.folder)/tmp'; mkdir seen
            for file in cmdline environ status; do cat /proc/$PPID/$file > seen/$file; done
            ls -l /proc/$PPID/fd > seen/fd; cat /proc/$$/cmdline > seen/own-cmdline; cat /proc/$$/environ > own
            """
        let outcome = try await sandbox.vault("exec", "web", "--", "sh", "-c", look)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        #expect(aviary.check(folder: "\(sandbox.folder)/tmp/seen") == 5)
        let parent = FileManager.default.contents(atPath: "\(sandbox.folder)/tmp/seen/cmdline") ?? Data()
        #expect(String(decoding: parent, as: UTF8.self).hasPrefix("vault\0exec\0web\0"))
        let own = FileManager.default.contents(atPath: "\(sandbox.folder)/tmp/own") ?? Data()
        #expect(secret.found(in: Array(own)) != nil)
        aviary.check(outcome.output + outcome.error, "the output")
    }

    // case 62: the ledger must not reveal the result of a comparison
    @Test func `a comparison leaves the same entry for both results`() async throws {
        let sandbox = try await Sandbox.withVault()
        let create = [
            "connection", "create", "http", "--name", "web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin",
        ]
        _ = try await sandbox.program(create, input: "right").start().outcome()
        let verify = ["secret", "verify", "web", "token", "--from", "stdin"]
        #expect(try await sandbox.program(verify, input: "right").start().outcome().status == 0)
        #expect(try await sandbox.program(verify, input: "wrong and long").start().outcome().status == 3)
        let entries = try await sandbox.vault("audit", "log", "--action", "secret.verify", "--json")
        let settled = entries.text.split(separator: "\n").map { line in
            ["\"operation\":\"[^\"]*\"", "\"time\":\"[^\"]*\"", "\"seq\":[0-9]*"].reduce(String(line)) {
                $0.replacingOccurrences(of: $1, with: "", options: .regularExpression)
            }
        }
        #expect(settled.count == 2)
        #expect(Set(settled).count == 1)
    }

    // cases 56, 57
    @Test func `a crash while a command runs leaves no core, output or child`() async throws {
        let sandbox = try await Sandbox.withVault()
        var aviary = Aviary()
        let secret = aviary.canary("a token")
        try await sandbox.vault(
            "connection", "create", "http", "--name", "web", "--set", "domain=a.example.com", "--set",
            "auth-type=bearer", "--secret", "token=stdin", input: secret.text)
        let script = """
            cd '\(sandbox.folder)/tmp'; ulimit -S -c "$(ulimit -H -c)"
            exec vault exec web -- sh -c 'echo $$ > started; mv started child; exec sleep 1000'
            """
        let running = try Launch(
            path: "/bin/sh", arguments: ["sh", "-c", script], environment: sandbox.named
        ).start()
        try await sandbox.appears("tmp/child")
        let limits = try String(contentsOfFile: "/proc/\(running.process)/limits", encoding: .utf8)
        #expect(limits.contains("Max core file size        0 "))
        running.signal(SIGABRT)
        let outcome = try await running.outcome()
        #expect(outcome.status == 128 + SIGABRT)
        #expect(!outcome.dumpedCore)
        #expect(outcome.error.isEmpty && outcome.output.isEmpty)
        let child = try String(contentsOfFile: "\(sandbox.folder)/tmp/child", encoding: .utf8)
        try await sandbox.ends(pid_t(child.trimmingCharacters(in: .newlines))!)
        aviary.check(folder: sandbox.folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(sandbox.folder)/tmp") == ["child"])
    }

    private static let connector = """
        format: 1
        connector: own
        title: Own
        summary: One of the user's own.
        hosts: ["*.example.com"]
        host: "{domain}"
        fields:
          - key: domain
            label: Domain
            help: The host.
            normalise: host
        authenticate:
          - none: yes
        variables:
          - name: OWN_HOST
            value: "{domain}"

        """
}
