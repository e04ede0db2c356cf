import VaultCrypto
import VaultLedger

extension Vault {
    /// Takes a vault that went back in time, or forked, for the true one from here on; that is an entry of its own.
    ///
    /// The ledger must be whole and well signed by itself, and the one who accepts it must be an admin of it.
    public static func accept(
        _ path: String, _ surroundings: Surroundings, unlock: (Vault) throws -> Session
    ) throws(VaultError) {
        try VaultError.catching {
            // Verified as at first contact, and nothing is remembered before the entry stands.
            var blind = surroundings
            blind.anchors = .none
            blind.notice = { notice in
                if case .firstContact = notice { return }
                surroundings.notice(notice)
            }
            let vault = try open(path, blind)
            // A damaged anchor tells nothing that could be kept.
            let before = try? surroundings.anchors.load(vault.id)
            let session = try unlock(vault)
            try vault.change(as: session) { transaction in
                var details: JSON.Members = [:]
                if let before {
                    details["seen_root"] = .string(before.range.root.hex)
                    details["seen_size"] = .integer(Int64(before.range.size))
                    details["seen_at"] = .string(before.seen.text)
                }
                try transaction.record(
                    .acceptLedger, Entry.Object(.vault, name: "vault"), Change(details: details))
            }
            vault.surroundings = surroundings
            vault.keepAnchor(replacing: true)
        }
    }
}
