import VaultCrypto
public import VaultLedger
public import VaultRegistry
import VaultStore

/// The uses of a connection that an admin allows, and the program that makes its new secrets. The default allows every use.
public struct UsePolicy: Sendable, Equatable, Codable {
    /// Nil allows all.
    public var uses: Set<Use>?
    /// The paths that `request` and `proxy` may use; empty allows all of the connection's host.
    public var paths: [PathRule] = []
    /// The program that `vault rotate` runs for new secrets: an absolute path.
    public var rotateWith: String?

    /// The part that is exported to another vault. The program is left out: its path names another program on another
    /// machine, and each vault's admins decide which programs to trust.
    var exported: UsePolicy { UsePolicy(uses: uses, paths: paths) }

    /// Whether the policy allows a use.
    public func allows(_ use: Use) -> Bool { uses?.contains(use) ?? true }

    /// Whether the policy allows a request with this method and path.
    public func allows(_ method: String, _ path: RequestPath) -> Bool {
        paths.isEmpty || paths.contains { $0.covers(method, path) }
    }

    /// The first header that could turn a request into a different one, if paths are restricted; otherwise nil.
    public func overridingHeader(among names: some Sequence<String>) -> String? {
        paths.isEmpty ? nil : RequestOverride.header(among: names)
    }
}

extension Transaction {
    func policy(of row: OwnerRow) throws -> UsePolicy { try rows.policy(of: row, in: ledger) }

    /// - Throws: `useRefused`, which is recorded.
    func checkPolicy(of row: OwnerRow, for use: Use) throws -> UsePolicy {
        let policy = try policy(of: row)
        let allowed = Use.allCases.filter { policy.allows($0) }
        guard allowed.contains(use) else {
            throw VaultError.access(
                .useRefused(name: row.name, id: row.identifier, use: use, allowed: allowed))
        }
        return policy
    }
}

extension Rows {
    /// The newest policy of a connection, after verifying that its entry is in the tree. Replay accepts policies of admins
    /// only.
    func policy(of row: OwnerRow, in ledger: KnownLedger) throws -> UsePolicy {
        guard let newest = try newestState(of: row.identifier.hex, action: Action.allowUses.rawValue) else {
            return UsePolicy()
        }
        let entry = try knownEntry(newest.entry, seq: newest.seq)
        try checkInclusion(of: newest.entry, at: newest.seq, in: ledger)
        guard entry.action == .allowUses, entry.object.id == row.identifier.hex,
            let policy = UsePolicy(entry.change.details)
        else { throw VaultError.integrity(.tampered(.entryAltered(seq: newest.seq))) }
        return policy
    }
}

extension UsePolicy {
    /// The policy as the details of an entry.
    public var details: JSON.Members {
        var details: JSON.Members = [:]
        if let uses { details["allow"] = .array(uses.map(\.rawValue).sorted().map { .string($0) }) }
        if !paths.isEmpty { details["paths"] = .array(paths.map { .string($0.text) }) }
        details["rotate_with"] = rotateWith.map { .string($0) }
        return details
    }

    /// Nil for an unknown word: the policy of a newer program must not be read as a wider one.
    init?(_ details: JSON.Members) {
        if let list = details["allow"] {
            let uses = list.array?.compactMap { $0.string.flatMap(Use.init(rawValue:)) } ?? []
            guard uses.count == list.array?.count else { return nil }
            self.uses = Set(uses)
        }
        for item in details["paths"]?.array ?? [] {
            guard let text = item.string, let rule = try? PathRule(text) else { return nil }
            paths.append(rule)
        }
        if let program = details["rotate_with"] {
            guard let path = program.string else { return nil }
            rotateWith = path
        }
    }

    // Encoded as in the ledger.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let details = try JSON.parse(text).object, let policy = UsePolicy(details) else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "not a policy"))
        }
        self = policy
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(JSON.object(details).text)
    }
}
