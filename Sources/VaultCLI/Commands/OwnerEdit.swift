import VaultCore
import VaultRegistry
import VaultLedger

/// Changes the settings of a connection or client, and reads all of its secrets again.
struct OwnerEdit {
    let context: Context
    let kind: OwnerKind
    let name: String
    let flags: OwnerOptions

    func run() throws {
        let changes = try Assignments.settings(flags.settings)
        var sources = try Assignments.sources(flags.secrets)
        let vault = try context.open()
        let plan = try vault.perform(PlanEdit(kind, name, changes: changes))
        if context.isInteractive {
            for key in plan.needed where sources[key] == nil { sources[key] = .prompt }
        }
        let missing = plan.needed.filter { sources[$0] == nil }
        guard missing.isEmpty else {
            throw VaultError.input(.secretsNeeded(owner: name, fields: missing))
        }
        let known = plan.connector.form(of: kind)
        if let unknown = sources.keys.sorted().first(where: { key in
            !known.contains { $0.key == key && $0.isSecret }
        }) {
            throw VaultError.input(.noSuchSecret(owner: name, field: unknown, fields: plan.needed))
        }
        let fields = known.filter { sources[$0.key] != nil }
        let secrets = try CommandSecrets(
            context, fields, from: sources, of: plan.newName, keepsNewline: flags.keepNewline)
        let access = try secrets.access(context, to: vault, depositing: flags.deposit)
        let edit = EditOwner(plan, secrets: try secrets.read(fields), depositing: flags.deposit)
        try context.perform(edit, access)
        if !plan.dropped.isEmpty {
            ErrorReport.warn("removed, because they no longer apply: \(plan.dropped.joined(separator: ", "))")
        }
        for secret in plan.lost {
            ErrorReport.warn(
                "destroyed the \(secret.label) \(secret.field) (version \(secret.version)), which was sealed to the old settings"
            )
        }
        try context.receipt(
            "\(kind.noun) '\(plan.newName)' edited",
            ["kind": .string(kind.rawValue), "name": .string(plan.newName)])
    }
}
