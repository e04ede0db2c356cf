import VaultCore
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultStore

/// Appends uses of connections to a ledger: valid entries, heads and tiles, but without the program's transactions. These are
/// durable one by one, so a million would take minutes.
struct LongLedger: ~Copyable {
    private let vault: [UInt8]
    private let member: LedgerState.Member
    private let identity: Identity
    private var range = CompactRange()
    /// By level: the hashes of the incomplete tile, and the number of full tiles.
    private var levels: [(hashes: [Hash], full: UInt64)] = [([], 0)]

    init(_ vault: Vault, _ file: VaultFile, key: SharedSecret) throws {
        (self.vault, member) = (vault.id, vault.state.members[0])
        let row = try file.read { try $0.slots()[0] }
        let slot = Slot(
            id: row.id, member: row.member, kind: try SlotKind(named: row.kind), salt: row.salt, memory: nil,
            passes: nil, blob: row.sealed)
        identity = try slot.open(with: key.bytes, vault: vault.id)
    }

    /// Appends uses of these connections, with a head after every `each` entries, up to `size` entries.
    mutating func extend(
        _ file: VaultFile, _ connections: [(id: Identifier, name: String)], each: Int, to size: UInt64
    ) throws {
        try file.read { rows in
            try rows.forEachEntry(in: 0..<rows.ledgerSize()) { _, bytes in
                try append(bytes, rows, isNew: false)
            }
        }
        var identifiers = IdentifierSource(at: Timestamp(seconds: 1_790_000_000))
        while range.size < size {
            _ = try file.write(isWritten: { _ in false }) { rows in
                for _ in 0..<5000 where range.size < size {
                    let operation = identifiers.next()
                    for _ in 0..<each where range.size < size {
                        let connection = connections[Int(range.size) % connections.count]
                        try append(use(of: connection, operation).bytes, rows, isNew: true)
                    }
                    let head = Checkpoint(vault: vault, size: range.size, root: range.root)
                    try rows.appendHead(range.size, head.signed(by: identity, name: member.name).encoded)
                }
                for level in levels.indices.dropFirst() { try store(level, rows) }
            }
        }
    }

    private func use(of connection: (id: Identifier, name: String), _ operation: Identifier) -> Entry {
        Entry(
            seq: range.size, time: Timestamp(seconds: 1_790_000_000 + Int64(range.size)),
            actor: Entry.Actor(id: member.id, name: member.name),
            via: Entry.Via(program: "cli", user: "bench", host: "bench"), action: .execConnection,
            object: Entry.Object(.connection, id: connection.id, name: connection.name),
            change: Change(details: [
                "program": "sync", "variables": ["CELONIS_URL", "CELONIS_API_TOKEN"],
            ]), reason: nil, operation: operation)
    }

    private mutating func append(_ bytes: [UInt8], _ rows: Rows, isNew: Bool) throws {
        if isNew { try rows.appendEntry(range.size, String(decoding: bytes, as: UTF8.self)) }
        let leaf = TreeHash.leaf(bytes)
        range.append(leaf)
        try append(leaf, level: 0, isNew ? rows : nil)
    }

    private mutating func append(_ hash: Hash, level: Int, _ rows: Rows?) throws {
        if level == levels.count { levels.append(([], 0)) }
        levels[level].hashes.append(hash)
        guard levels[level].hashes.count == Int(TileID.width) else { return }
        if let rows { try store(level, rows) }
        let root = perfectRoot(levels[level].hashes[...])
        levels[level] = ([], levels[level].full + 1)
        try append(root, level: level + 1, rows)
    }

    private func store(_ level: Int, _ rows: Rows) throws {
        guard !levels[level].hashes.isEmpty else { return }
        try rows.putTile(
            level: level, index: levels[level].full, levels[level].hashes.flatMap(\.bytes))
    }
}
