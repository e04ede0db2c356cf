import VaultCrypto
import VaultLedger
import VaultStore

extension Vault {
    /// Accepts a vault that went back in time, or forked, as the true one from here on; that is an entry of its own.
    ///
    /// The ledger must be whole and well signed by itself, and the member who accepts it must be an admin of it.
    public static func accept(
        _ path: String, _ surroundings: Surroundings, unlock: (Vault) throws -> Session
    ) throws(VaultError) {
        try VaultError.catching {
            // Verified as at first contact, and nothing is remembered before the entry is there.
            let vault = try open(path, surroundings.blind)
            let session = try unlock(vault)
            try vault.recordAcceptance(as: session, surroundings)
            vault.surroundings = surroundings
            vault.keepAnchor(replacing: true)
        }
    }

    /// Adds the entry that accepts this ledger in the place of the one that this user has seen.
    ///
    /// The user's intention is on the disk before the entry is, so that the anchor follows it even where this process ends
    /// in between (`followAcceptance`).
    func recordAcceptance(as session: Session, _ surroundings: Surroundings) throws {
        // A damaged anchor has nothing to keep.
        let before = try? surroundings.anchors.load(id)
        var identifiers = IdentifierSource(at: surroundings.now())
        let operation = surroundings.operation ?? identifiers.next()
        try surroundings.anchors.willAccept(operation, id)
        self.surroundings.operation = operation
        defer { self.surroundings.operation = nil }
        try change(as: session) { transaction in
            var details: JSON.Members = [:]
            if let before {
                details["seen_root"] = .string(before.range.root.hex)
                details["seen_size"] = .integer(Int64(before.range.size))
                details["seen_at"] = .string(before.seen.text)
            }
            try transaction.record(
                .acceptLedger, Entry.Object(.vault, name: "vault"), Change(details: details))
        }
    }

    /// Opens a vault that contradicts this user's anchor, where the user has accepted it and the anchor could not be
    /// moved; nil where that is not so.
    static func followAcceptance(
        _ path: String, _ id: [UInt8], _ surroundings: Surroundings
    ) throws -> Vault? {
        guard let operation = try surroundings.anchors.accepting(id) else { return nil }
        let vault = try open(path, surroundings.blind)
        guard try vault.newestEntries(of: operation).contains(where: { $0.action == .acceptLedger }) else {
            return nil
        }
        vault.surroundings = surroundings
        vault.keepAnchor(replacing: true)
        return vault
    }
}

extension Surroundings {
    /// The same, with no memory of what was seen before.
    var blind: Surroundings {
        var blind = self
        blind.anchors = .none
        blind.notice = { [notice] heard in
            if case .firstContact = heard { return }
            notice(heard)
        }
        return blind
    }
}
