import VaultCore
import VaultRegistry

// The commands of connections and clients.
extension Context {
    /// Prints the connections or clients that match a filter, as a table or as JSON lines.
    func list(_ kind: OwnerKind, _ filter: OwnerFilter) throws {
        let vault = try open()
        var rows: [[String]] = []
        var last: String?
        var count = 0
        try ListOwners(kind, filter).forEach(in: vault) { owner in
            count += 1
            last = owner.name
            if json { try output.result(owner.json()) } else { rows.append(owner.cells) }
        }
        if !json {
            let place = kind == .connection ? "HOST" : "CLIENT ID"
            let headers = ["NAME", "CONNECTOR", place, "SECRETS", "TAGS", "TEST"]
            let columns = rows.contains { $0[5] != "" } ? 6 : 5
            let shown = rows.map { Array($0.prefix(columns)) }
            try output.table(Table(Array(headers.prefix(columns)), shown))
        }
        try output.flush()
        if let limit = filter.limit, count == limit, let last {
            Descriptor.writeBestEffort("vault: next page: --after '\(SafeText.escaped(last))'\n")
        }
    }

    func show(_ kind: OwnerKind, _ name: String) throws {
        let vault = try open()
        let owner = try vault.perform(ShowOwner(kind, name))
        let usage = kind == .connection ? try vault.perform(ShowUsage(of: name)) : nil
        try write(owner.json(usage)) { try owner.write(usage, to: $0) }
    }

    /// Changes the settings, and reads all secrets again.
    func edit(_ kind: OwnerKind, _ name: String, _ flags: OwnerOptions) throws {
        let changes = try Assignments.settings(flags.settings)
        var sources = try Assignments.sources(flags.secrets)
        let vault = try open()
        let plan = try vault.perform(PlanEdit(kind, name, changes: changes))
        if isInteractive {
            for key in plan.needed where sources[key] == nil { sources[key] = .prompt }
        }
        let missing = plan.needed.filter { sources[$0] == nil }
        guard missing.isEmpty else {
            throw VaultError.input(.secretsNeeded(owner: name, fields: missing))
        }
        let known = plan.connector.form(of: kind)
        let secretKeys = known.filter(\.isSecret).map(\.key)
        if let unknown = sources.keys.sorted().first(where: { !secretKeys.contains($0) }) {
            throw VaultError.input(.noSuchSecret(owner: name, field: unknown, fields: plan.needed))
        }
        let fields = known.filter { sources[$0.key] != nil }
        let secrets = try CommandSecrets(
            self, fields, from: sources, of: plan.newName, keepsNewline: flags.keepNewline)
        let access = try secrets.access(self, to: vault, depositing: flags.deposit)
        try perform(EditOwner(plan, secrets: try secrets.read(fields), depositing: flags.deposit), access)
        if !plan.dropped.isEmpty {
            ErrorReport.warn("removed, because they no longer apply: \(plan.dropped.joined(separator: ", "))")
        }
        for secret in plan.lost {
            ErrorReport.warn(
                "destroyed the \(secret.label) \(secret.field) (version \(secret.version)), which was sealed to the old settings"
            )
        }
        try receipt("\(kind.noun) '\(plan.newName)' edited", ["kind": kind, "name": plan.newName])
    }

    func remove(_ kind: OwnerKind, _ name: String) throws {
        try perform(RemoveOwner(kind, name))
        try receipt("\(kind.noun) '\(name)' removed", ["kind": kind, "name": name])
    }
}

extension Owner {
    fileprivate var cells: [String] {
        let keys = kind == .connection ? ["domain", "host", "url", "subdomain"] : ["client-id"]
        return [
            name, connector, keys.compactMap { settings[$0]?.values.first }.first ?? "",
            secrets.filter(\.isCurrent).map { "\($0.field) v\($0.version)" }.joined(separator: ", "),
            tags.map { "\($0.key)=\($0.value)" }.joined(separator: ", "), test?.text ?? "",
        ]
    }
}
