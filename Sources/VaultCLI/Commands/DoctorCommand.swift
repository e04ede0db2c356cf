import ArgumentParser
import VaultCore
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
        var isGood = true
        var next: String?

        static func bad(_ what: String, next: String?) -> Finding {
            Finding(what: what, isGood: false, next: next)
        }
    }

    func run(_ context: Context) throws {
        let all = findings(context)
        try context.write(all) {
            ["check": $0.what, "next": $0.next.orNull, "ok": $0.isGood]
        } lines: {
            ["\($0.isGood ? "ok    " : "warn  ")\($0.what)"] + ($0.next.map { ["      next: \($0)"] } ?? [])
        }
        if all.contains(where: { !$0.isGood }) { throw ExitStatus(.due) }
    }

    private func findings(_ context: Context) -> [Finding] {
        let checks: [(Context) throws(VaultError) -> [Finding]] = [vault, unsigned, keyFile, program, agent]
        let found = checks.flatMap { check -> [Finding] in
            do throws(VaultError) { return try check(context) } catch {
                let problem = error.failure.problems[0]
                return [.bad(problem.message, next: problem.next)]
            }
        }
        return [memory(), processor()] + found + leftovers(context)
    }

    /// Temporary files of killed commands, next to the vault, the key file and the anchors, and in the working folder.
    private func leftovers(_ context: Context) -> [Finding] {
        var folders = [Self.folder(of: context.path), context.anchorFolder, "."]
        if case .keyFile(let path)? = try? context.unlockMethod() { folders.append(Self.folder(of: path)) }
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }.flatMap(Leftovers.paths).map { path in
            .bad("\(path) is a temporary file of a killed command", next: "rm \(Vault.quoted(path))")
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func memory() -> Finding {
        SecretMemory.isLocked
            ? Finding(what: "secret memory is locked")
            : .bad(
                "can't lock memory: secrets may be swapped to disk",
                next: "raise 'ulimit -l', or encrypt the swap space")
    }

    private func processor() -> Finding {
        Finding(
            what: Processor.hasHardwareAES
                ? "AES-256-GCM runs on CPU instructions"
                : "AES-256-GCM runs in portable code, which is slower")
    }

    private func vault(_ context: Context) throws(VaultError) -> [Finding] {
        let vault = try context.open()
        try vault.checkLedgerIsComplete()
        let ledger = Finding(
            what: "vault \(vault.path): all \(vault.size) entries are present, and the newest head is valid; "
                + "vault audit verify checks every entry and row")
        if let exposure = vault.exposure {
            return [ledger, .bad(exposure.cause, next: exposure.failure.problems[0].next)]
        }
        return [ledger, try searchIndex(of: vault)]
    }

    private func unsigned(_ context: Context) -> [Finding] {
        guard let vault = try? context.open(), let key = try? vault.perform(ShowKeyStatus()), key.unsigned > 0
        else { return [] }
        let count = counted(key.unsigned, "secret")
        guard key.isSignedNext else {
            let what = "\(count) not signed: changed in the file before the other secrets were signed"
            return [.bad(what, next: "vault audit verify")]
        }
        // Any change or use signs them; the smallest is a use that does nothing.
        var filter = OwnerFilter()
        filter.limit = 1
        let name = try? vault.perform(ListOwners(.connection, filter)).first?.name
        let next = name.map { "vault exec '\($0)' -- true" } ?? "vault key rotate"
        return [.bad("\(count) not signed yet: sealed by an older version", next: next)]
    }

    private func searchIndex(of vault: Vault) throws(VaultError) -> Finding {
        if try vault.isSearchIndexWhole() {
            return Finding(what: "the search index matches the connections")
        }
        guard repair else {
            return .bad(
                "the search index does not match the connections: list --search may be wrong",
                next: "vault audit verify, to check the connections; then vault doctor --repair")
        }
        try vault.repairSearchIndex()
        return Finding(what: "the search index did not match the connections, and has been rebuilt")
    }

    private func program(_: Context) throws(VaultError) -> [Finding] {
        _ = try AgentProgram()
        return [Finding(what: "the program vault-agent is installed")]
    }

    private func agent(_ context: Context) throws(VaultError) -> [Finding] {
        guard let agent = try context.agent() else { return [] }
        let status = try agent.perform(GetStatus())
        let state = status.session.map { "unlocked as \($0.member)" } ?? "locked"
        guard status.memoryIsLocked else {
            let what = "agent \(status.pid): \(state); its memory is not locked"
            return [.bad(what, next: "raise 'ulimit -l', then vault lock && vault unlock")]
        }
        return [Finding(what: "agent \(status.pid): \(state), in locked memory")]
    }

    private func keyFile(_ context: Context) throws(VaultError) -> [Finding] {
        guard case .keyFile(let path)? = try? context.unlockMethod() else { return [] }
        var warning: String?
        let credentials = Descriptor.environment("CREDENTIALS_DIRECTORY")
        _ = try KeyFile.contents(of: path, credentials: credentials, warn: { warning = $0 })
        return [Finding(what: warning ?? "key file \(path) is private")]
    }
}
