import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

/// `vault doctor`: checks the machine, the files and the settings, and says what to do.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the machine, the files and the settings, and say what to do.",
        discussion: """
            With --repair the search index ('list --search') is made again from the connections and clients where it is
            not theirs. It is the one part of a vault that can be: it follows from the rest.
            """)

    @OptionGroup var options: GlobalOptions

    @Flag(help: "Make the search index again where it is not that of the connections.")
    var repair = false

    private struct Finding {
        let what: String
        let isGood: Bool
        let next: String?

        init(what: String, isGood: Bool, next: String?) {
            (self.what, self.isGood, self.next) = (what, isGood, next)
        }

        init(_ error: VaultError) {
            let problem = Failure(error).problems[0]
            self.init(what: problem.message, isGood: false, next: problem.next)
        }
    }

    func run() throws {
        let context = Context(options)
        let all = findings(context)
        for finding in all {
            if context.json {
                try context.output.json([
                    "check": .string(finding.what), "next": finding.next.map(JSON.string) ?? .null,
                    "ok": .bool(finding.isGood), "schema": 1,
                ])
            } else {
                try context.output.line(
                    (finding.isGood ? "ok    " : "look  ") + SafeText.escaped(finding.what))
                if let next = finding.next {
                    try context.output.line("      next: " + SafeText.escaped(next))
                }
            }
        }
        try context.output.flush()
        if all.contains(where: { !$0.isGood }) { throw ExitStatus(.due) }
    }

    private func findings(_ context: Context) -> [Finding] {
        [memory(), processor()].compactMap(\.self) + vault(context)
            + [unsigned(context), keyFile(context), program(), agent(context)].compactMap(\.self)
            + leftovers(context)
    }

    /// What killed commands left: beside the vault, the key file and the anchors, and in the working folder.
    private func leftovers(_ context: Context) -> [Finding] {
        var folders = [Self.folder(of: context.path), context.anchorFolder, "."]
        if case .keyFile(let path)? = try? context.unlockWay() { folders.append(Self.folder(of: path)) }
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }.flatMap(Leftovers.paths).map { path in
            Finding(
                what: "\(path) was left by a command that was killed", isGood: false,
                next: "rm '\(path)'")
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func memory() -> Finding {
        SecretMemory.isLocked
            ? Finding(what: "secret memory is locked", isGood: true, next: nil)
            : Finding(
                what: "memory cannot be locked: secrets may be swapped to disk", isGood: false,
                next: "raise 'ulimit -l', or encrypt the swap")
    }

    private func processor() -> Finding {
        Finding(
            what: Processor.hasHardwareAES
                ? "AES-256-GCM by the CPU's own instructions"
                : "AES-256-GCM in portable code: the same bytes, slower", isGood: true, next: nil)
    }

    private func vault(_ context: Context) -> [Finding] {
        do throws(Failure) {
            let vault = try context.open()
            let ledger = try context.failing { () throws(VaultError) in try completeLedger(of: vault) }
            if let exposure = vault.exposure {
                let problem = Failure(exposure).problems[0]
                return [ledger, Finding(what: exposure.cause, isGood: false, next: problem.next)]
            }
            return [ledger, try context.failing { () throws(VaultError) in try searchIndex(of: vault) }]
        } catch {
            return [Finding(what: error.problems[0].message, isGood: false, next: error.problems[0].next)]
        }
    }

    private func completeLedger(of vault: Vault) throws(VaultError) -> Finding {
        try vault.checkLedgerIsComplete()
        return Finding(
            what:
                "vault \(vault.path): no entry of \(vault.size) is missing, and the newest head is verified; "
                + "vault audit verify checks every entry and row", isGood: true, next: nil)
    }

    /// Nothing where every secret is signed.
    private func unsigned(_ context: Context) -> Finding? {
        guard let vault = try? context.open(), let key = try? vault.keyStatus(), key.unsigned > 0 else {
            return nil
        }
        let count = key.unsigned == 1 ? "1 secret is" : "\(key.unsigned) secrets are"
        guard key.isSignedNext else {
            return Finding(
                what: "\(count) not signed: changed in the file before the others were", isGood: false,
                next: "vault audit verify")
        }
        // Any change or use will do; the least is a use that does nothing.
        var name: String?
        try? vault.list(.connection, OwnerFilter()) { if name == nil { name = $0.name } }
        return Finding(
            what: "\(count) not signed yet: sealed by an older version", isGood: false,
            next: name.map { "vault exec '\($0)' -- true" } ?? "vault key rotate")
    }

    private func searchIndex(of vault: Vault) throws(VaultError) -> Finding {
        if try vault.isSearchIndexWhole() {
            return Finding(what: "the search index is that of the connections", isGood: true, next: nil)
        }
        guard repair else {
            return Finding(
                what: "the search index is not that of the connections: list --search may name others",
                isGood: false,
                next: "vault audit verify, for whether the connections are right; then vault doctor --repair")
        }
        try vault.repairSearchIndex()
        return Finding(
            what: "the search index was not that of the connections, and has been made again", isGood: true,
            next: nil)
    }

    private func program() -> Finding {
        do throws(VaultError) {
            _ = try AgentProgram()
            return Finding(what: "the agent's program is there", isGood: true, next: nil)
        } catch {
            return Finding(error)
        }
    }

    /// Nothing where there is neither an agent nor a reason why none could be asked.
    private func agent(_ context: Context) -> Finding? {
        do throws(Failure) {
            guard let agent = try context.agent() else { return nil }
            let status = try context.failing { () throws(VaultError) in try agent.ask(AskStatus()) }
            let state = status.open.map { "unlocked as \($0.member)" } ?? "locked"
            return status.memoryIsLocked
                ? Finding(what: "agent \(status.pid): \(state), in locked memory", isGood: true, next: nil)
                : Finding(
                    what: "agent \(status.pid): \(state); its memory cannot be locked", isGood: false,
                    next: "raise 'ulimit -l', then vault lock and vault unlock")
        } catch {
            return Finding(what: error.problems[0].message, isGood: false, next: error.problems[0].next)
        }
    }

    private func keyFile(_ context: Context) -> Finding? {
        guard case .keyFile(let path)? = try? context.unlockWay() else { return nil }
        do throws(VaultError) {
            var warning: String?
            let credentials = Context.setting(nil, "CREDENTIALS_DIRECTORY")
            _ = try KeyFile.contents(of: path, credentials: credentials, warn: { warning = $0 })
            return warning.map { Finding(what: $0, isGood: true, next: nil) }
                ?? Finding(what: "key file \(path) is private", isGood: true, next: nil)
        } catch {
            return Finding(error)
        }
    }
}
