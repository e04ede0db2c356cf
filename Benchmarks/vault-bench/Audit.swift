import VaultCore
import VaultLedger
import VaultMemory

/// Times the verifying of a ledger beside the bare cost of what it cannot do without: a hash for each leaf and node of the
/// tree, and a signature for each head.
///
/// `vault-bench audit FOLDER ENTRIES HEADS` registers so many connections, several under each head, and measures: `first`,
/// the opening by somebody who has never seen the vault, which is the ledger alone; `verify`, `audit verify` with every
/// row of the tables; `again`, the same once more; `news`, verifying what came since, some hundred connections; `use`, one
/// use of a connection; `bare`, in the same process, on one core, over the first entries.
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
        try news(folder, surroundings, entries, each)
        // Last, since it holds all entries in memory at once.
        try bare(try Vault.open(path, surroundings), heads)
    }

    /// How many entries come between the first verify and the second.
    private static let new = 1000

    private static func news(
        _ folder: String, _ surroundings: Surroundings, _ entries: Int, _ each: Int
    ) throws {
        let path = folder + "/v/vault.db"
        do {
            let vault = try Vault.open(path, surroundings)
            let session = try Bench.unlock(vault, folder)
            for first in stride(from: entries, to: entries + new, by: each) {
                try Bench.fill(vault, session, first..<min(entries + new, first + each))
            }
            try Bench.report("use", 1) {
                _ = try vault.variables(
                    of: [Bench.name(entries / 2)], only: [], program: "true", as: session)
            }
        }
        try Bench.report("news", new) {
            let report = try Vault.verify(path, surroundings, onlyNew: true)
            precondition(report.since != nil)
        }
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
