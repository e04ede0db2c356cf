import VaultCore
import VaultLedger
import VaultMemory

/// Times the verifying of a ledger beside the bare cost of what it cannot do without: a hash for each leaf and node of the
/// tree, and a signature for each head.
///
/// `vault-bench audit FOLDER HEADS` takes the vault that `long-ledger` has made, with so many heads, and measures: `first`,
/// the opening by somebody who has never seen it, which is the ledger alone; `verify`, all of `audit verify`; `use`, one
/// use of a connection; `news`, verifying what came since, a thousand connections; `bare`, in the same process, on one
/// core, over the same entries.
enum Audit {
    static func run(folder: String, heads: Int) throws {
        let path = folder + "/v/vault.db"
        let somebody = Bench.surroundings(folder + "/somebody")
        try Bench.report("first", heads) { _ = try Vault.open(path, somebody) }
        try Bench.report("verify", heads) { _ = try Vault.verify(path, somebody) }
        try news(folder, somebody)
        // Last, since it holds all entries in memory at once.
        try bare(try Vault.open(path, somebody), heads)
    }

    /// How many entries come between the first verify and the second.
    private static let new = 1000

    private static func news(_ folder: String, _ surroundings: Surroundings) throws {
        let path = folder + "/v/vault.db"
        do {
            let vault = try Vault.open(path, surroundings)
            let session = try Bench.unlock(vault, folder)
            var first = 0
            try vault.list(.connection, OwnerFilter()) { _ in first += 1 }
            for index in stride(from: first, to: first + new, by: 10) {
                try Bench.fill(vault, session, index..<index + 10)
            }
            try Bench.report("use", 1) {
                _ = try vault.variables(
                    of: [Bench.name(first / 2)], only: [], program: "true", as: session)
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
