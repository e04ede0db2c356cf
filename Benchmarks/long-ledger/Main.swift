import VaultCore
import VaultLedger
import VaultStore

/// `long-ledger FOLDER ENTRIES HEADS` appends uses of connections to the vault of `vault-bench FOLDER COUNT create`, up to
/// `ENTRIES` entries with about `HEADS` heads.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let entries = Int(arguments[2]), let heads = Int(arguments[3]),
            entries >= heads, heads > 0
        else { fatalError("usage: long-ledger FOLDER ENTRIES HEADS") }
        let folder = arguments[1]
        let surroundings = Surroundings(
            now: { Timestamp(seconds: 1_790_000_000) },
            via: { .init(program: "bench", user: "bench", host: "bench") },
            anchors: AnchorStore(folder: folder + "/anchors"))
        let vault = try Vault.open(folder + "/v/vault.db", surroundings)
        var connections: [(id: Identifier, name: String)] = []
        try ListOwners(.connection, OwnerFilter()).forEach(in: vault) { connections.append(($0.id, $0.name)) }
        let file = try VaultFile.open(vault.path)
        var ledger = try LongLedger(vault, file, key: try KeyFile.contents(of: folder + "/key"))
        try ledger.extend(file, connections, each: entries / heads, to: UInt64(entries))
    }
}
