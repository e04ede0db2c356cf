import VaultCrypto
import VaultLedger
import VaultStore

extension Vault {
    /// Puts a verified backup at `path`: a new vault there, or with `replacing` in the place of the same vault.
    ///
    /// What is there is replaced in one transaction, so that a restore that is killed leaves the old or the new. A backup
    /// that has fewer entries than this user has seen, or others, is refused unless an admin of it unlocks (`unlock`)
    /// and accepts that, as `accept` does: with an entry.
    public static func restore(
        _ backup: String, to path: String, replacing: Bool, _ surroundings: Surroundings,
        accepting unlock: ((Vault) throws -> Session)? = nil
    ) throws(VaultError) -> BackupReport {
        try VaultError.catching {
            let before = try look(at: path, replacing, surroundings)
            let vault = try unseen(try VaultFile.stage(backup), surroundings.blind)
            let report = try vault.examined(backup, against: surroundings.anchors.load(vault.id))
            if let contradiction = report.contradiction {
                // In the copy, so that the vault goes back and is accepted in one transaction.
                let session = try vault.acceptor(contradiction, unlock)
                try vault.recordAcceptance(as: session, surroundings)
            }
            do {
                try vault.file.install(at: path) { rows in
                    guard replacing else { throw VaultError.kept(path: path) }
                    try vault.checkIsSame(path, rows)
                    // What was added since then is in nothing that this user has seen.
                    guard before == nil || (try? rows.newestHead())?.size == before else {
                        throw VaultError.changedMeanwhile(name: path)
                    }
                }
            } catch StoreError.notAVault {
                throw VaultError.cannotReplace(path: path, why: "it is no vault")
            } catch StoreError.damaged(_, let detail) {
                throw VaultError.cannotReplace(path: path, why: "it is damaged: \(detail)")
            }
            let isNew = (try? surroundings.anchors.load(vault.id)) == nil
            vault.surroundings = surroundings
            vault.keepAnchor(replacing: report.contradiction != nil)
            if isNew { surroundings.notice(.firstContact(entries: vault.size)) }
            return report
        }
    }

    /// Sees to it that what this user has seen includes the vault that is to be replaced, as far as it can be read.
    ///
    /// - Returns: How many entries that vault has; nil where there is none, or it cannot be read.
    private static func look(
        at path: String, _ replacing: Bool, _ surroundings: Surroundings
    ) throws -> UInt64? {
        var size: UInt64?
        do {
            let file = try VaultFile.open(path, for: .reading)
            size = try? file.read { try $0.newestHead()?.size }
        } catch StoreError.noVault {
            return nil
        } catch {
            guard replacing else { throw VaultError.kept(path: path) }
        }
        guard replacing else { throw VaultError.kept(path: path) }
        // What is wrong with it is why it is replaced.
        _ = try? open(path, surroundings)
        return size
    }

    /// Who may accept a backup that contradicts what was seen: an admin of it, who is there.
    private func acceptor(
        _ contradiction: BackupReport.Contradiction, _ unlock: ((Vault) throws -> Session)?
    ) throws -> Session {
        guard let unlock else {
            throw contradiction.isFork
                ? VaultError.backupForked(entries: size, seen: contradiction.seen, at: contradiction.at)
                : VaultError.backInTime(entries: size, seen: contradiction.seen, at: contradiction.at)
        }
        let session = try unlock(self)
        guard let member = state.member(session.member.id), member.role.allows(.acceptLedger) else {
            throw VaultError.forbidden(
                member: session.member.name, role: session.member.role, action: .acceptLedger)
        }
        return session
    }

    private func checkIsSame(_ path: String, _ rows: Rows) throws {
        let first: [UInt8]?
        do { first = try rows.entry(0) } catch {
            throw VaultError.cannotReplace(path: path, why: "its ledger cannot be read")
        }
        guard let first, Digest.sha256(first) == id else {
            throw VaultError.cannotReplace(path: path, why: "it is another vault than the backup's")
        }
    }
}
