import VaultCrypto
import VaultLedger
import VaultStore

extension Vault {
    /// Verifies a backup, and restores it to `path`.
    ///
    /// A vault at `path` is replaced in one transaction, so a restore that is killed leaves the old vault or the new one. A
    /// backup that contradicts what this user has seen is refused, unless an admin of it unlocks it and so accepts it,
    /// which is an entry, as with `AcceptLedger`.
    ///
    /// - Parameters:
    ///   - backup: The path of the backup.
    ///   - path: The path of the restored vault.
    ///   - replacing: Whether the same vault may exist at `path`.
    ///   - surroundings: The environment of the operation.
    ///   - unlock: Unlocks the backup as an admin; nil refuses a backup that contradicts what this user has seen.
    /// - Throws: `vaultInPlace`, `cannotReplace`, `changedConcurrently`, `olderThanSeen`, `forked`, and those of `verifyBackup`.
    public static func restore(
        _ backup: String, to path: String, replacing: Bool, _ surroundings: Surroundings,
        accepting unlock: ((Vault) throws -> Session)? = nil
    ) throws(VaultError) -> BackupReport {
        try VaultError.catching {
            let before = try inspect(at: path, replacing, surroundings)
            let vault = try unseen(try VaultFile.stage(backup), surroundings.withoutAnchors)
            let report = try vault.examined(backup, against: surroundings.anchors.load(vault.id))
            if let contradiction = report.contradiction {
                // Recorded in the copy, so that the restore and its acceptance are one transaction.
                let session = try vault.acceptor(contradiction, unlock)
                try vault.recordAcceptance(as: session, surroundings)
            }
            do {
                try vault.file.install(at: path) { rows in
                    guard replacing else { throw VaultError.backup(.vaultInPlace(path: path)) }
                    try vault.checkIsSame(path, rows)
                    // Entries that were added since the check would be lost.
                    guard before == nil || (try? rows.newestHead())?.size == before else {
                        throw VaultError.input(.changedConcurrently(name: path))
                    }
                }
            } catch StoreError.notAVault {
                throw VaultError.backup(.cannotReplace(path: path, why: "it is not a vault"))
            } catch StoreError.damaged(_, let detail) {
                throw VaultError.backup(.cannotReplace(path: path, why: "it is damaged: \(detail)"))
            }
            let isNew = (try? surroundings.anchors.load(vault.id)) == nil
            vault.surroundings = surroundings
            vault.saveAnchor(replacing: report.contradiction != nil)
            if isNew { surroundings.notice(.firstContact(entries: vault.size)) }
            return report
        }
    }

    /// Updates this user's anchor from the vault that is to be replaced, if it can be read.
    ///
    /// - Returns: The number of its entries, or nil if there is no vault or it can't be read.
    private static func inspect(
        at path: String, _ replacing: Bool, _ surroundings: Surroundings
    ) throws -> UInt64? {
        var size: UInt64?
        do throws(StoreError) {
            let file = try VaultFile.open(path, for: .reading)
            size = try? file.read { try $0.newestHead()?.size }
        } catch {
            if case .noVault = error { return nil }
        }
        guard replacing else { throw VaultError.backup(.vaultInPlace(path: path)) }
        // Errors are ignored: a damaged vault may be replaced.
        _ = try? open(path, surroundings)
        return size
    }

    /// Unlocks a backup that contradicts what was seen, as an admin of it.
    private func acceptor(
        _ contradiction: BackupReport.Contradiction, _ unlock: ((Vault) throws -> Session)?
    ) throws -> Session {
        guard let unlock else {
            let (seen, time) = (contradiction.seen, contradiction.at)
            throw VaultError.backup(
                contradiction.isFork
                    ? .forked(entries: size, seen: seen, at: time)
                    : .olderThanSeen(entries: size, seen: seen, at: time))
        }
        let session = try unlock(self)
        let member = session.member
        guard member.role.allows(.acceptLedger) else {
            throw VaultError.access(
                .forbidden(member: member.name, role: member.role, action: .acceptLedger))
        }
        return session
    }

    private func checkIsSame(_ path: String, _ rows: Rows) throws {
        func problem(_ why: String) -> VaultError { .backup(.cannotReplace(path: path, why: why)) }
        let first: [UInt8]?
        do { first = try rows.entry(0) } catch { throw problem("its ledger can't be read") }
        guard let first, Digest.sha256(first) == id else {
            throw problem("it is not the vault of the backup")
        }
    }
}
