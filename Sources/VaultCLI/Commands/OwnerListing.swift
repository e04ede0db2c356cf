import VaultCore
import VaultLedger
import VaultRegistry

/// Prints the connections or clients that match a filter, as a table or as JSON lines.
struct OwnerListing {
    let context: Context
    let kind: OwnerKind

    func run(_ filter: OwnerFilter) throws {
        let vault = try context.open()
        var rows: [(cells: [String], test: String?)] = []
        var last: String?
        var count = 0
        try ListOwners(kind, filter).forEach(in: vault) { owner in
            count += 1
            last = owner.name
            guard context.json else { return rows.append((cells(owner), owner.test?.text)) }
            try context.output.json(OwnerView(owner: owner).json)
        }
        if !context.json { try context.output.table(table(rows)) }
        try context.output.flush()
        if let limit = filter.limit, count == limit, let last {
            Descriptor.writeBestEffort("vault: next page: --after '\(SafeText.escaped(last))'\n")
        }
    }

    /// The table has a column for tests if there is one.
    private func table(_ rows: [(cells: [String], test: String?)]) -> Table {
        let isTested = rows.contains { $0.test != nil }
        let place = kind == .connection ? "HOST" : "CLIENT ID"
        var table = Table(["NAME", "CONNECTOR", place, "SECRETS", "TAGS"] + (isTested ? ["TEST"] : []))
        for row in rows { table.add(row.cells + (isTested ? [row.test ?? ""] : [])) }
        return table
    }

    private func cells(_ owner: Owner) -> [String] {
        let key = kind == .connection ? ["domain", "host", "url", "subdomain"] : ["client-id"]
        let place = key.compactMap { owner.settings[$0]?.values.first }.first ?? ""
        return [
            owner.name, owner.connector, place,
            owner.secrets.filter(\.isCurrent).map { "\($0.field) v\($0.version)" }.joined(separator: ", "),
            owner.tags.map { "\($0.key)=\($0.value)" }.joined(separator: ", "),
        ]
    }
}

extension Context {
    /// `show` for connections and clients.
    func show(_ kind: OwnerKind, _ name: String) throws {
        let vault = try open()
        var view = OwnerView(owner: try vault.perform(ShowOwner(kind, name)))
        if kind == .connection { view.usage = try vault.perform(ShowUsage(of: name)) }
        try write(view.json, text: view.write)
    }

    /// `remove` for connections and clients.
    func remove(_ kind: OwnerKind, _ name: String) throws {
        try perform(RemoveOwner(kind, name))
        try receipt(
            "\(kind.noun) '\(name)' removed", ["kind": .string(kind.rawValue), "name": .string(name)])
    }
}
