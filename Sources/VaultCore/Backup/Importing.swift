import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

/// What an import did, or would do.
public struct ImportReport: Sendable, Equatable, Codable {
    /// The vault's id that it came from, hexadecimal.
    public let vault: String
    public let exporter: String
    /// The exporter's public key, hexadecimal: compare it with what they say.
    public let exporterKey: String
    public let owners: [Imported]

    /// A connection or client that came with the bundle.
    public struct Imported: Sendable, Equatable, Codable {
        public let kind: OwnerKind
        public let name: String
    }
}

extension Vault {
    /// Registers what a bundle holds: all of it in one transaction, or nothing.
    ///
    /// The bundle must be sealed to the member who is there, and signed by `signer` where one is given (a public key as
    /// `verifyProof` takes it). Settings are checked by this vault's connectors, secrets sealed anew, and each entry
    /// says where its owner came from. A dry run does the same and takes it back.
    public func importBundle(
        _ text: String, signedBy signer: String? = nil, dryRun: Bool = false, as session: Session
    ) throws(VaultError) -> ImportReport {
        try VaultError.catching {
            let bundle = try Bundle(text)
            try check(bundle.head, signer, session)
            do {
                try change(as: session) { transaction in
                    // Whoever may create connections may create clients.
                    try transaction.mayDo(.createConnection)
                    try transaction.take(bundle, in: self)
                    if dryRun { throw DryRun() }
                }
            } catch is DryRun {}
            return ImportReport(
                vault: Hex.encode(bundle.head.vault), exporter: bundle.head.exporter.name,
                exporterKey: Hex.encode(bundle.head.exporter.signKey),
                owners: bundle.owners.map { ImportReport.Imported(kind: $0.kind, name: $0.name) })
        }
    }

    private func check(_ head: Bundle.Head, _ signer: String?, _ session: Session) throws(VaultError) {
        guard head.to == session.identity.receivePublic else {
            throw .bundle(
                .otherRecipient(
                    to: Hex.encode(head.to), yours: Hex.encode(session.identity.receivePublic)))
        }
        guard let signer else { return }
        guard PublicKey.read(signer) == head.exporter.signKey else {
            throw .bundle(
                .otherExporter(name: head.exporter.name, key: Hex.encode(head.exporter.signKey)))
        }
    }
}

/// Takes a transaction back that went well.
private struct DryRun: Error {}

extension Transaction {
    fileprivate mutating func take(_ bundle: Bundle, in vault: Vault) throws {
        try checkNames(of: bundle.owners)
        let key: BundleKey
        do {
            key = try BundleKey.open(
                bundle.head.key, with: session.identity, vault: bundle.head.vault,
                signKey: bundle.head.exporter.signKey)
        } catch {
            throw VaultError.bundle(.forged)
        }
        var bench = try sealBench()
        for owner in bundle.owners {
            var draft = OwnerDraft(
                owner.kind, connector: owner.connector, name: owner.name,
                settings: owner.settings.mapValues(\.values), tags: owner.tags, note: owner.note)
            draft.origin = bundle.head.origin
            for (field, sealed) in owner.secrets {
                draft.secrets[field] = try open(sealed, field, of: owner, with: key, from: bundle.head.vault)
            }
            do {
                let made = try create(
                    draft, with: &bench, connector: try vault.connector(named: owner.connector, rows),
                    terms: owner.terms)
                if owner.policy != UsePolicy() {
                    try record(
                        .allowUses, made.owner.object,
                        Change(state: made.state, details: owner.policy.details))
                }
            } catch VaultError.invalid(let problems) {
                throw VaultError.invalid(problems.map { $0.of(owner.name) })
            }
        }
    }

    private func open(
        _ sealed: [UInt8], _ field: String, of owner: BundledOwner, with key: borrowing BundleKey,
        from vault: [UInt8]
    ) throws -> SharedSecret {
        do {
            return SharedSecret(
                try key.withKey { key throws(SealError) in
                    try Seal.open(sealed, key: key, purpose: .bundle, aad: owner.aad(field, from: vault))
                })
        } catch {
            throw VaultError.bundle(.doesNotOpen(owner: owner.name, field: field))
        }
    }

    private func checkNames(of owners: [BundledOwner]) throws {
        let taken = try owners.compactMap { owner in
            try rows.owner(owner.kind.rawValue, nameKey: Name.skeleton(of: Name.canonical(owner.name))).map {
                TakenName(kind: owner.kind, name: owner.name, taken: $0.name)
            }
        }
        guard taken.isEmpty else { throw VaultError.namesTaken(taken) }
    }
}

extension Problem {
    /// The same problem, among many owners.
    fileprivate func of(_ owner: String) -> Problem {
        Problem(field: field, message: "'\(owner)': \(message)", fits: fits)
    }
}
