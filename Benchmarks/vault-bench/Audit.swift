import VaultCore
import VaultLedger
import VaultMemory

/// Times the verifying of a ledger beside the bare cost of what it cannot do without: a hash for each leaf and node of the
/// tree, and a signature for each head.
///
/// `vault-bench audit FOLDER ENTRIES HEADS` registers so many connections, several under each head, and measures: `first`,
/// the opening by somebody who has never seen the vault, which is the ledger alone; `verify`, `audit verify` with every
/// row of the tables; `again`, the same once more; `bare`, in the same process, on one core, over the same entries.
enum Audit {
    static func run(folder: String, entries: Int, heads: Int) throws {
        let surroundings = Bench.surroundings(folder)
        let path = folder + "/v/vault.db"
        let each = max(1, entries / heads)
        do {
            let (vault, session) = try Bench.create(folder, surroundings)
            try Bench.report("write", entries) {
                for first in stride(from: 0, to: entries, by: each) {
                    try Bench.fill(vault, session, first..<min(entries, first + each))
                }
            }
        }
        try Bench.report("first", entries) {
            _ = try Vault.open(path, Bench.surroundings(folder + "/somebody"))
        }
        try Bench.report("verify", entries) { _ = try Vault.verify(path, surroundings) }
        try Bench.report("again", entries) { _ = try Vault.verify(path, surroundings) }
        // Last, since it holds all entries in memory at once.
        try bare(try Vault.open(path, surroundings), heads)
    }

    private static func bare(_ vault: Vault, _ heads: Int) throws {
        var all: [[UInt8]] = []
        try vault.exportEntries { _, bytes in all.append(bytes) }
        guard let note = SignedNote(encoded: try vault.checkpoint()) else { return }
        let member = vault.state.members[0]
        Bench.report("bare", all.count) {
            var range = CompactRange()
            let step = max(1, all.count / heads)
            for bytes in all {
                range.append(TreeHash.leaf(bytes))
                guard range.size.isMultiple(of: UInt64(step)) else { continue }
                _ = range.root
                precondition(note.isSigned(by: member.name, publicKey: member.signKey))
            }
        }
    }
}
