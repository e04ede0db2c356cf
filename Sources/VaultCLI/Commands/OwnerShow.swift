import VaultCore

/// `show` for connections and clients.
struct OwnerShow {
    let context: Context
    let kind: OwnerKind
    let name: String

    func run() throws {
        let vault = try context.open()
        let owner = try context.answer(ShowOwner(kind, name), vault)
        var view = OwnerView(owner: owner)
        if kind == .connection {
            view.usage = try context.answer(ShowUsage(of: name), vault)
        }
        if context.json { try context.output.json(view.json) } else { try view.write(to: context.output) }
        try context.output.flush()
    }
}
