import ArgumentParser
import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

/// `vault doctor`: checks the machine, the files and the settings.
struct DoctorCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check the machine, the files and the settings, and suggest fixes.",
        discussion: "Exits with 3 if something needs attention.")

    @OptionGroup(title: "Global options") var options: GlobalOptions

    @Flag(help: "Rebuild the search index ('list --search') if it does not match the connections.")
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

    func run(_ context: Context) throws {
        let all = findings(context)
        for finding in all {
            if context.json {
                try context.output.json([
                    "check": .string(finding.what), "next": finding.next.map(JSON.string) ?? .null,
                    "ok": .bool(finding.isGood), "schema": 1,
                ])
            } else {
                try context.output.line(
                    (finding.isGood ? "ok    " : "warn  ") + SafeText.escaped(finding.what))
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

    /// Temporary files of killed commands, next to the vault, the key file and the anchors, and in the working folder.
    private func leftovers(_ context: Context) -> [Finding] {
        var folders = [Self.folder(of: context.path), context.anchorFolder, "."]
        if case .keyFile(let path)? = try? context.unlockMethod() { folders.append(Self.folder(of: path)) }
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }.flatMap(Leftovers.paths).map { path in
            Finding(
                what: "\(path) is a temporary file of a killed command", isGood: false,
                next: "rm \(Vault.quoted(path))")
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
                what: "can't lock memory: secrets may be swapped to disk", isGood: false,
                next: "raise 'ulimit -l', or encrypt the swap space")
    }

    private func processor() -> Finding {
        Finding(
            what: Processor.hasHardwareAES
                ? "AES-256-GCM runs on CPU instructions"
                : "AES-256-GCM runs in portable code, which is slower", isGood: true, next: nil)
    }

    private func vault(_ context: Context) -> [Finding] {
        do throws(VaultError) {
            let vault = try context.open()
            let ledger = try completeLedger(of: vault)
            if let exposure = vault.exposure {
                let problem = Failure(exposure).problems[0]
                return [ledger, Finding(what: exposure.cause, isGood: false, next: problem.next)]
            }
            return [ledger, try searchIndex(of: vault)]
        } catch {
            return [Finding(error)]
        }
    }

    private func completeLedger(of vault: Vault) throws(VaultError) -> Finding {
        try vault.checkLedgerIsComplete()
        return Finding(
            what:
                "vault \(vault.path): all \(vault.size) entries are there, and the newest head is valid; "
                + "vault audit verify checks every entry and row", isGood: true, next: nil)
    }

    /// Secrets without a signature; nil if there are none.
    private func unsigned(_ context: Context) -> Finding? {
        guard let vault = try? context.open(), let key = try? vault.perform(ShowKeyStatus()), key.unsigned > 0
        else {
            return nil
        }
        let count = counted(key.unsigned, "secret")
        guard key.isSignedNext else {
            return Finding(
                what: "\(count) not signed: changed in the file before the others were signed", isGood: false,
                next: "vault audit verify")
        }
        // Any change or use signs them; the smallest is a use that does nothing.
        var filter = OwnerFilter()
        filter.limit = 1
        let name = try? vault.perform(ListOwners(.connection, filter)).first?.name
        return Finding(
            what: "\(count) not signed yet: sealed by an older version", isGood: false,
            next: name.map { "vault exec '\($0)' -- true" } ?? "vault key rotate")
    }

    private func searchIndex(of vault: Vault) throws(VaultError) -> Finding {
        if try vault.isSearchIndexWhole() {
            return Finding(what: "the search index matches the connections", isGood: true, next: nil)
        }
        guard repair else {
            return Finding(
                what: "the search index does not match the connections: list --search may be wrong",
                isGood: false,
                next: "vault audit verify, to check the connections; then vault doctor --repair")
        }
        try vault.repairSearchIndex()
        return Finding(
            what: "the search index did not match the connections, and has been rebuilt", isGood: true,
            next: nil)
    }

    private func program() -> Finding {
        do throws(VaultError) {
            _ = try AgentProgram()
            return Finding(what: "the program vault-agent is installed", isGood: true, next: nil)
        } catch {
            return Finding(error)
        }
    }

    /// The state of the agent; nil if none is running.
    private func agent(_ context: Context) -> Finding? {
        do throws(VaultError) {
            guard let agent = try context.agent() else { return nil }
            let status = try agent.send(GetStatus())
            let state = status.session.map { "unlocked as \($0.member)" } ?? "locked"
            return status.memoryIsLocked
                ? Finding(what: "agent \(status.pid): \(state), in locked memory", isGood: true, next: nil)
                : Finding(
                    what: "agent \(status.pid): \(state); its memory is not locked", isGood: false,
                    next: "raise 'ulimit -l', then vault lock && vault unlock")
        } catch {
            return Finding(error)
        }
    }

    private func keyFile(_ context: Context) -> Finding? {
        guard case .keyFile(let path)? = try? context.unlockMethod() else { return nil }
        do throws(VaultError) {
            var warning: String?
            let credentials = Descriptor.environment("CREDENTIALS_DIRECTORY")
            _ = try KeyFile.contents(of: path, credentials: credentials, warn: { warning = $0 })
            return warning.map { Finding(what: $0, isGood: true, next: nil) }
                ?? Finding(what: "key file \(path) is private", isGood: true, next: nil)
        } catch {
            return Finding(error)
        }
    }
}
