import VaultCore
import VaultLedger
import VaultMemory

/// Measures the verification of a ledger next to its minimal cost: a hash for each leaf and node of the tree, and a signature
/// verification for each head.
///
/// `vault-bench audit FOLDER HEADS` measures with the vault of `long-ledger`: `first`, opening it without an anchor, which
/// verifies the ledger alone; `verify`, a complete `audit verify`; `use`, a use of a connection; `news`, verifying a
/// thousand new connections; `bare`, the hashes and signatures of the same entries, on one core.
enum Audit {
    static func run(folder: String, heads: Int) throws {
        let path = folder + "/v/vault.db"
        let auditor = Bench.surroundings(folder + "/auditor")
        try Bench.report("first", heads) { _ = try Vault.open(path, auditor) }
        try Bench.report("verify", heads) { _ = try Vault.open(path, auditor).perform(VerifyVault()) }
        try news(folder, auditor)
        // Last, because it holds all entries in memory.
        try bare(try Vault.open(path, auditor), heads)
    }

    /// The number of new entries before the second verify.
    private static let new = 1000

    private static func news(_ folder: String, _ surroundings: Surroundings) throws {
        let path = folder + "/v/vault.db"
        do {
            let vault = try Vault.open(path, surroundings)
            let session = try Bench.unlock(vault, folder)
            var first = 0
            try ListOwners(.connection, OwnerFilter()).forEach(in: vault) { _ in first += 1 }
            for index in stride(from: first, to: first + new, by: 10) {
                try Bench.fill(vault, session, index..<index + 10)
            }
            try Bench.report("use", 1) {
                _ = try vault.perform(
                    OpenVariables(of: [Bench.name(first / 2)], only: [], program: "true"), as: session)
            }
        }
        try Bench.report("news", new) {
            let report = try Vault.open(path, surroundings).perform(VerifyVault(onlyNew: true))
            precondition(report.since != nil)
        }
    }

    private static func bare(_ vault: Vault, _ heads: Int) throws {
        var all: [[UInt8]] = []
        try ExportEntries().forEach(in: vault) { all.append(Array($0.text.utf8)) }
        guard let note = SignedNote(encoded: try vault.perform(ShowCheckpoint())) else { return }
        let member = vault.state.members[0]
        Bench.report("bare", all.count) {
            var range = CompactRange()
            let interval = max(1, all.count / heads)
            for bytes in all {
                range.append(TreeHash.leaf(bytes))
                guard range.size.isMultiple(of: UInt64(interval)) else { continue }
                _ = range.root
                precondition(note.isSigned(by: member.name, publicKey: member.signKey))
            }
        }
    }
}
