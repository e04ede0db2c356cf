import VaultCore
import VaultRegistry
import VaultLedger
import VaultMemory

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
        let plan = try context.answer(PlanEdit(kind, name, changes: changes), vault)
        if context.isInteractive {
            for key in plan.needed where sources[key] == nil { sources[key] = .prompt }
        }
        let missing = plan.needed.filter { sources[$0] == nil }
        guard missing.isEmpty else {
            throw Failure(.input(.secretsNeeded(owner: name, fields: missing)))
        }
        let known = plan.connector.formFields(of: kind)
        if let unknown = sources.keys.sorted().first(where: { key in
            !known.contains { $0.key == key && $0.isSecret }
        }) {
            throw Failure(.input(.noSuchSecret(owner: name, field: unknown, fields: plan.needed)))
        }
        let fields = known.filter { sources[$0.key] != nil }
        let secrets = try CommandSecrets(
            context, fields.map { $0.request(sources[$0.key]!, of: plan.newName) },
            keepsNewline: flags.keepNewline)
        let access = try secrets.access(context, to: vault, depositing: flags.deposit)
        var given: [String: SharedSecret] = [:]
        for field in fields { given[field.key] = try secrets.read(field.key) }
        try context.perform(EditOwner(plan, secrets: given, depositing: flags.deposit), access)
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
