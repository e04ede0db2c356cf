import VaultCrypto

// The rules of docs/format.md, section 9, for owners and the sealed bytes of their secrets.
extension LedgerState {
    /// Applies one entry.
    ///
    /// - Parameters:
    ///   - facts: The entry. Its author's role must allow the action.
    ///   - owners: The owners before the entry; updated.
    /// - Precondition: `secrets` is not `nil`.
    /// - Throws: `Contradiction` if the entry is impossible in this state.
    public mutating func apply(
        _ facts: EntryFacts, _ owners: inout some KnownOwners
    ) throws(Contradiction) {
        if facts.action.changesLedgerState {
            guard let entry = Entry(facts) else { throw .malformed }
            try apply(entry)
        } else {
            try admit(facts.action, by: facts.actor.id)
        }
        precondition(secrets != nil, "can't replay from a state without secret counts")
        if facts.action.hasList {
            try applyList(facts, &owners)
        } else if facts.kind.isOwner, facts.action != .refused {
            try applyOwner(facts, &owners)
        }
    }

    /// Checks that the owner exists, has the entry's kind and keeps the sealed bytes of its secrets; then updates it.
    private mutating func applyOwner(
        _ facts: EntryFacts, _ owners: inout some KnownOwners
    ) throws(Contradiction) {
        guard let key = facts.owner else { throw .malformed }
        guard let before = owners.owner(key) else {
            guard facts.action.isCreation else { throw "the connection or client does not exist" }
            try accept(facts, after: [])
            return owners.keep(SealedOwner(kind: facts.kind, versions: facts.versions), key)
        }
        guard !facts.action.isCreation else { throw "the connection or client already exists" }
        guard before.kind == facts.kind else {
            throw "the object is a connection instead of a client, or the reverse"
        }
        // A proxy may still be open when its connection is removed, and records its end later.
        guard !before.isRemoved || facts.action == .proxyConnection else {
            throw "the connection or client was removed"
        }
        guard facts.action.recordsState else { return }
        let versions = try accept(facts, after: before.versions)
        owners.keep(
            SealedOwner(kind: before.kind, isRemoved: facts.action.isRemoval, versions: versions), key)
    }

    /// Checks the secrets of a state against those before.
    ///
    /// - Returns: The versions of the state; an unchanged one keeps the digest list in force.
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
                    throw "it replaces the sealed bytes of an existing secret"
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
        guard action.addsVersions else { throw "its action can't add a secret" }
        guard !before.contains(where: { $0.field == new.field && $0.version >= new.version }) else {
            throw "the new secret does not have the highest version"
        }
        try checkIsNew(new)
    }

    /// Checks that new sealed bytes are recorded, and are sealed under the current master key.
    private func checkIsNew(_ new: SealedVersion) throws(Contradiction) {
        guard new.isCovered else {
            guard !secrets!.isCovered, new.epoch == nil else {
                throw "a secret has no epoch and digest"
            }
            return
        }
        guard new.epoch == epoch?.number else {
            throw "a secret is not sealed under the current master key"
        }
    }
}

extension LedgerState {
    /// Checks that each secret of a digest list exists and may be listed; then updates them.
    private mutating func applyList(
        _ facts: EntryFacts, _ owners: inout some KnownOwners
    ) throws(Contradiction) {
        guard let entry = Entry(facts) else { throw .malformed }
        let details = entry.change.details
        guard let bytes = owners.list(facts.seq), details["list"]?.bytes(32) == Digest.sha256(bytes) else {
            throw "its digest list is missing or altered"
        }
        guard let list = DigestList(bytes), details["secrets"]?.integer == Int64(list.items.count) else {
            throw "its digest list is malformed"
        }
        let isReseal = facts.action == .resealSecrets
        if isReseal {
            guard retiring != nil else { throw "no master key is being retired" }
            guard details["epoch"]?.integer.map(UInt64.init(clamping:)) == epoch?.number,
                entry.object.name == "epoch \(epoch?.number ?? 0)"
            else { throw "it reseals secrets under a master key that is not the current one" }
        }
        for item in list.items {
            guard var owner = owners.owner(item.owner), !owner.isRemoved,
                let place = owner.place(item.field, item.version)
            else { throw "its digest list names a secret that does not exist" }
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
            throw "it reseals a secret that is not under the retiring master key"
        }
        guard item.epoch == epoch?.number else { throw "it reseals a secret under an old master key" }
    }

    private func checkCover(_ item: DigestList.Item, _ old: SealedVersion) throws(Contradiction) {
        guard !old.isCovered else { throw "it covers a secret that is already covered" }
        guard item.epoch == epoch?.number || item.epoch == retiring?.number else {
            throw "it covers a secret under a master key that is not in use"
        }
        guard !old.isDeposit || old.digest == item.digest else {
            throw "it covers a deposit with another digest"
        }
    }
}
