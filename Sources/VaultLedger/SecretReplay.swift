import VaultCrypto

/// What replay asks of the owners that the entries before have brought.
public protocol KnownOwners {
    /// What is known of an owner; nil where there never was one with this id.
    mutating func owner(_ key: IdentifierKey) -> SealedOwner?
    mutating func keep(_ owner: SealedOwner, _ key: IdentifierKey)
    /// The digest list of the entry with this number; nil where the file has none.
    func list(_ seq: UInt64) -> [UInt8]?
}

/// The owners of a ledger that has none yet.
public struct NoOwners: KnownOwners {
    public init() {}
    public func owner(_ key: IdentifierKey) -> SealedOwner? { nil }
    public func keep(_ owner: SealedOwner, _ key: IdentifierKey) {}
    public func list(_ seq: UInt64) -> [UInt8]? { nil }
}

// The rules of docs/format.md, section 9: which owners there are, and what their secrets' sealed bytes may be.
extension LedgerState {
    /// Takes one entry in, with what it says of an owner and its secrets.
    ///
    /// - Throws: what the entry contradicts, in words for a person.
    public mutating func apply(
        _ facts: EntryFacts, _ owners: inout some KnownOwners
    ) throws(Contradiction) {
        if let entry = facts.entry {
            try apply(entry)
        } else {
            try admit(facts.action, by: facts.actor.id)
        }
        guard secrets != nil else { preconditionFailure("a replay that goes on from a state without counts") }
        if facts.action.hasList {
            try applyList(facts, &owners)
        } else if facts.kind.isOwner, facts.action != .refused {
            try applyOwner(facts, &owners)
        }
    }

    /// What it says of the owner: that it is there, and of the kind that the entry says, and keeps its secrets' bytes.
    private mutating func applyOwner(
        _ facts: EntryFacts, _ owners: inout some KnownOwners
    ) throws(Contradiction) {
        guard let key = facts.owner else { throw "a connection or client without an identifier" }
        guard let before = owners.owner(key) else {
            guard facts.action.isCreation else { throw "a connection or client that is not there" }
            try accept(facts, after: [])
            return owners.keep(SealedOwner(kind: facts.kind, versions: facts.versions), key)
        }
        guard !facts.action.isCreation else { throw "a connection or client that is there already" }
        guard before.kind == facts.kind else { throw "a connection as a client, or the reverse" }
        // A proxy may still be open when its connection is removed, and its end is told then.
        guard !before.isRemoved || facts.action == .proxyConnection else {
            throw "a connection or client that was removed"
        }
        guard facts.hasState else { return }
        let versions = try accept(facts, after: before.versions)
        owners.keep(
            SealedOwner(kind: before.kind, isRemoved: facts.action.isRemoval, versions: versions), key)
    }

    /// The secrets of a state, held against those before; each with the entry whose list says its bytes.
    @discardableResult
    private mutating func accept(
        _ facts: EntryFacts, after before: [SealedVersion]
    ) throws(Contradiction) -> [SealedVersion] {
        var versions = facts.versions
        for place in versions.indices {
            let new = versions[place]
            let old = before.first { $0.version == new.version && $0.field == new.field }
            guard let old else {
                try acceptNew(new, facts.action, after: before)
                secrets!.add(new)
                continue
            }
            if new.hasSameBytes(as: old) {
                versions[place] = old
            } else {
                guard facts.action == .sealDeposit, old.isDeposit, !new.isDeposit else {
                    throw "other sealed bytes of a secret than those before"
                }
                try checkIsNew(new)
                secrets!.remove(old)
                secrets!.add(new)
            }
        }
        for old in before
        where !versions.contains(where: { $0.version == old.version && $0.field == old.field }) {
            secrets!.remove(old)
        }
        return versions
    }

    private func acceptNew(
        _ new: SealedVersion, _ action: Action, after before: [SealedVersion]
    ) throws(Contradiction) {
        guard action.bringsVersions else { throw "a new secret that this action cannot bring" }
        guard !before.contains(where: { $0.field == new.field && $0.version >= new.version }) else {
            throw "a new secret that is not the newest"
        }
        try checkIsNew(new)
    }

    /// What is sealed now is sealed under the present master key, and says so.
    private func checkIsNew(_ new: SealedVersion) throws(Contradiction) {
        guard new.isCovered else {
            guard !secrets!.isCovered, new.epoch == nil else {
                throw "a secret without its epoch and digest"
            }
            return
        }
        guard new.epoch == epoch?.number else {
            throw "a secret under another master key than the present one"
        }
    }
}

extension LedgerState {
    /// Takes a digest list in: each secret is there, and is one that such a list may speak of.
    private mutating func applyList(
        _ facts: EntryFacts, _ owners: inout some KnownOwners
    ) throws(Contradiction) {
        let details = facts.entry?.change.details
        guard let bytes = owners.list(facts.seq), facts.list == Digest.sha256(bytes) else {
            throw "a digest list that is not there, or was altered"
        }
        guard let list = DigestList(bytes), details?["secrets"]?.integer == Int64(list.items.count) else {
            throw "a digest list that is none"
        }
        let isReseal = facts.action == .resealSecrets
        if isReseal {
            guard retiring != nil else { throw "secrets sealed again outside of a rotation" }
            guard details?["epoch"]?.integer.map(UInt64.init(clamping:)) == epoch?.number,
                facts.entry?.object.name == "epoch \(epoch?.number ?? 0)"
            else { throw "secrets sealed again under another master key than the present one" }
        }
        for item in list.items {
            guard var owner = owners.owner(item.owner), !owner.isRemoved,
                let place = owner.place(item.field, item.version)
            else { throw "a digest of a secret that is not there" }
            let old = owner.versions[place]
            try isReseal ? checkReseal(item, old) : checkCover(item, old)
            owner.versions[place] = old.listed(item, at: facts.seq, isDeposit: old.isDeposit)
            secrets!.remove(old)
            secrets!.add(owner.versions[place])
            owners.keep(owner, item.owner)
        }
        if !isReseal { secrets!.isCovered = true }
        if let last = secrets!.epochs.indices.last { secrets!.epochs[last].lists += 1 }
    }

    private func checkReseal(_ item: DigestList.Item, _ old: SealedVersion) throws(Contradiction) {
        guard old.isCovered, !old.isDeposit, old.epoch == retiring?.number else {
            throw "a secret sealed again that is not under the retiring master key"
        }
        guard item.epoch == epoch?.number else { throw "a secret sealed again under an old master key" }
    }

    private func checkCover(_ item: DigestList.Item, _ old: SealedVersion) throws(Contradiction) {
        guard !old.isCovered else { throw "a second digest of a secret" }
        guard item.epoch == epoch?.number || item.epoch == retiring?.number else {
            throw "a secret under a master key that is not in use"
        }
        guard !old.isDeposit || old.digest == item.digest else { throw "another deposit than the one before" }
    }
}
