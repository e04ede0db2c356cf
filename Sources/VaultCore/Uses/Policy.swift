import VaultCrypto
public import VaultLedger
import VaultRegistry
import VaultStore

extension Vault {
    /// Says which uses of a connection are allowed, and which program makes its new secrets; an admin's. What was said
    /// before no longer counts.
    ///
    /// The newest entry of this action is the policy: there is no row that could say something else.
    ///
    /// - Throws: `invalid` for a program that could not be run for this connection.
    public func allow(_ policy: UsePolicy, of name: String, as session: Session) throws(VaultError) {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.allowUses)
                let row = try transaction.rows.find(.connection, name)
                let state = try transaction.signedState(of: row)
                let before = try transaction.policy(of: row)
                guard before != policy else { throw VaultError.nothingToDo(name) }
                if let program = policy.rotateWith, program != before.rotateWith {
                    try transaction.checkHook(
                        program, of: row, state, try connector(named: row.connector, transaction.rows))
                }
                try transaction.record(.allowUses, row.object, Change(state: state, details: policy.details))
            }
        }
    }

    public func policy(of name: String) throws(VaultError) -> UsePolicy {
        try VaultError.catching {
            try read { rows in try rows.policy(of: try rows.find(.connection, name), in: known) }
        }
    }
}

extension Vault {
    /// The program that makes new secrets of an owner; nil where there is none, as for every client.
    public func rotationHook(of name: String) throws(VaultError) -> String? {
        try VaultError.catching {
            try read { rows in
                let row = try rows.findEither(name)
                return row.ownerKind == .connection ? try rows.policy(of: row, in: known).rotateWith : nil
            }
        }
    }
}

extension Transaction {
    /// What everybody can see of a hook, on whatever machine it is to run: whoever runs it looks at the file as well.
    fileprivate func checkHook(
        _ program: String, of row: OwnerRow, _ state: OwnerState, _ connector: Connector
    ) throws {
        guard program.hasPrefix("/"), program.utf8.count <= 4096, !program.utf8.contains(where: { $0 < 0x20 })
        else {
            throw VaultError.invalid([
                Problem(
                    field: "rotate-with", message: "'\(program)' is not the whole path of a program",
                    fits: "--rotate-with /usr/local/libexec/new-key; none takes it away")
            ])
        }
        guard connector.speaksHTTP(with: row.readSettings ?? [:]) else {
            throw VaultError.noHTTP(name: row.name, connector: connector.name)
        }
        guard !state.secrets(.current).isEmpty else {
            throw VaultError.invalid([
                Problem(
                    field: "rotate-with", message: "'\(row.name)' has no secret of its own to rotate",
                    fits: "the rotation of its client: vault rotate CLIENT")
            ])
        }
    }

    func policy(of row: OwnerRow) throws -> UsePolicy { try rows.policy(of: row, in: ledger) }

    /// - Throws: `useRefused`, which the ledger is told.
    func checkPolicy(of row: OwnerRow, for use: Use) throws -> UsePolicy {
        let policy = try policy(of: row)
        guard policy.allows(use) else {
            throw VaultError.useRefused(
                name: row.name, id: row.identifier, use: use,
                allowed: Use.allCases.filter { policy.allows($0) })
        }
        return policy
    }
}

extension Rows {
    /// The newest policy of a connection, after its entry was found in the tree. Only an admin can have signed one:
    /// a ledger that says otherwise is refused as a whole.
    func policy(of row: OwnerRow, in ledger: KnownLedger) throws -> UsePolicy {
        guard let newest = try newestState(of: row.identifier.hex, action: Action.allowUses.rawValue) else {
            return UsePolicy()
        }
        let entry = try knownEntry(newest.entry, seq: newest.seq)
        try checkInclusion(of: newest.entry, at: newest.seq, in: ledger)
        guard entry.action == .allowUses, entry.object.id == row.identifier.hex,
            let policy = UsePolicy(entry.change.details)
        else { throw VaultError.tampered(.entryAltered(seq: newest.seq)) }
        return policy
    }
}

extension UsePolicy {
    public var details: JSON.Members {
        var details: JSON.Members = [:]
        if let uses { details["allow"] = .array(uses.map(\.rawValue).sorted().map { .string($0) }) }
        if !paths.isEmpty { details["paths"] = .array(paths.map { .string($0.text) }) }
        details["rotate_with"] = rotateWith.map { .string($0) }
        return details
    }

    /// Nil when a word is not known: a policy of a newer program must not be taken for a wider one.
    init?(_ details: JSON.Members) {
        if let list = details["allow"] {
            guard let words = list.array?.map({ $0.string.flatMap(Use.init(rawValue:)) }) else { return nil }
            let uses = words.compactMap(\.self)
            guard uses.count == words.count else { return nil }
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
}
