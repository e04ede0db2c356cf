import VaultCore
import VaultLedger

/// `remove` for connections and clients.
struct OwnerRemoval {
    let context: Context
    let kind: OwnerKind
    let name: String

    func run() throws {
        let secrets = try CommandSecrets(context)
        let vault = try context.open()
        let access = try secrets.access(context, to: vault)
        try context.perform(RemoveOwner(kind, name), access)
        try context.receipt(
            "\(kind.noun) '\(name)' removed", ["kind": .string(kind.rawValue), "name": .string(name)])
    }
}
