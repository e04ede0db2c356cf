import VaultCrypto
import VaultLedger
import VaultStore

/// Accepts a ledger that was rolled back or forked, and records that in an entry.
///
/// The ledger must be complete and validly signed, and the member must be an admin of it.
///
/// - Throws: `forbidden`; `ledger` or `tampered` for a ledger that is invalid.
public struct AcceptLedger: RemoteOperation {
    /// Creates the operation.
    public init() {}

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        try VaultError.catching {
            let surroundings = vault.surroundings
            // Verified as at first contact; the anchor is replaced after the entry is committed.
            let accepted = try Vault.openIgnoringAnchor(vault.path, surroundings)
            try accepted.recordAcceptance(as: session, surroundings)
            accepted.surroundings = surroundings
            accepted.saveAnchor(replacing: true)
            vault.known = accepted.known
            return Done()
        }
    }
}

extension Vault {
    /// Opens a vault that contradicts this user's anchor, to accept it. All of its ledger is verified.
    ///
    /// - Throws: `ledger` or `tampered` for a ledger that is invalid.
    public static func openIgnoringAnchor(
        _ path: String, _ surroundings: Surroundings
    ) throws(VaultError) -> Vault {
        try open(path, surroundings.withoutAnchors)
    }

    /// Records that this ledger replaces the ledger that this user has seen.
    ///
    /// The intention is written to the anchor's folder first, so that the next process replaces the anchor if this one is
    /// killed after the commit (`resumeAcceptance`).
    func recordAcceptance(as session: Session, _ surroundings: Surroundings) throws {
        // A damaged anchor has nothing to record.
        let before = try? surroundings.anchors.load(id)
        var identifiers = IdentifierSource(at: surroundings.now())
        let operation = surroundings.operation ?? identifiers.next()
        try surroundings.anchors.beginAcceptance(operation, id)
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

    /// Opens a vault that contradicts this user's anchor, if the user has accepted it in place of this anchor; otherwise
    /// returns nil.
    static func resumeAcceptance(
        _ path: String, _ anchor: Anchor?, _ surroundings: Surroundings
    ) throws -> Vault? {
        guard let anchor, let operation = try surroundings.anchors.pendingAcceptance(anchor.vault) else {
            return nil
        }
        let vault = try open(path, surroundings.withoutAnchors)
        // A leftover of an earlier acceptance must not replace the anchor again.
        let seen = JSON.string(anchor.range.root.hex)
        let found = try vault.perform(FindEntries(of: operation))
        guard found.contains(where: { $0.action == .acceptLedger && $0.change.details["seen_root"] == seen })
        else { return nil }
        vault.surroundings = surroundings
        vault.saveAnchor(replacing: true)
        return vault
    }
}

extension Surroundings {
    /// The same, without anchors: every vault is at first contact, which is not reported.
    var withoutAnchors: Surroundings {
        var copy = self
        copy.anchors = .none
        copy.notice = { [notice] heard in
            if case .firstContact = heard { return }
            notice(heard)
        }
        return copy
    }
}
