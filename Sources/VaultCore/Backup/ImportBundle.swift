import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore
import VaultText

/// Registers the contents of a bundle: all of it in one transaction, or nothing.
///
/// Settings are validated by this vault's connectors, secrets are sealed under its master key, and each entry names the
/// bundle's vault and exporter.
///
/// - Throws: `bundle` with the reason why it can't be imported, `namesTaken`, `invalid`.
public struct ImportBundle: RemoteOperation {
    public typealias Answer = ImportReport

    private let text: String
    private let signer: String?
    private let isDryRun: Bool

    /// - Parameters:
    ///   - text: The bundle, which must be sealed to the unlocked member.
    ///   - signer: The exporter's public key, if it is known, as `Vault.verifyProof` takes it.
    ///   - dryRun: Whether to roll the transaction back.
    public init(_ text: String, signedBy signer: String? = nil, dryRun: Bool = false) {
        (self.text, self.signer, isDryRun) = (text, signer, dryRun)
    }

    public func perform(in vault: Vault, as session: Session) throws -> ImportReport {
        let bundle = try Bundle(text)
        try check(bundle.head, session.identity.receivePublic)
        do {
            try vault.change(as: session) { transaction in
                // Members who may create connections may create clients.
                try transaction.mayDo(.createConnection)
                try transaction.insert(bundle)
                if isDryRun { throw DryRun() }
            }
        } catch is DryRun {}
        return ImportReport(
            vault: Hex.encode(bundle.head.vault), exporter: bundle.head.exporter.name,
            exporterKey: Hex.encode(bundle.head.exporter.signKey),
            owners: bundle.owners.map { ImportReport.Imported(kind: $0.kind, name: $0.name) })
    }

    private func check(_ head: Bundle.Head, _ own: [UInt8]) throws(VaultError) {
        guard head.to == own else {
            throw .bundle(.otherRecipient(to: Hex.encode(head.to), yours: Hex.encode(own)))
        }
        if let signer, PublicKey.read(signer) != head.exporter.signKey {
            throw .bundle(
                .otherExporter(name: head.exporter.name, key: Hex.encode(head.exporter.signKey)))
        }
    }
}

/// Rolls a successful transaction back.
private struct DryRun: Error {}

/// The result of an import, or of a dry run.
public struct ImportReport: Sendable, Equatable, Codable {
    /// The id of the vault that the bundle is from, hexadecimal.
    public let vault: String
    /// The name of the member who exported the bundle.
    public let exporter: String
    /// The exporter's public key, hexadecimal, to compare with what the exporter says.
    public let exporterKey: String
    /// The imported owners, in the order of the bundle.
    public let owners: [Imported]

    /// A connection or client of the bundle.
    public struct Imported: Sendable, Equatable, Codable {
        /// The kind of owner.
        public let kind: OwnerKind
        /// The name in the bundle.
        public let name: String
    }
}

extension Transaction {
    fileprivate mutating func insert(_ bundle: Bundle) throws {
        try checkNames(of: bundle.owners)
        guard
            let key = try? BundleKey.open(
                bundle.head.key, with: session.identity, vault: bundle.head.vault,
                signKey: bundle.head.exporter.signKey)
        else { throw VaultError.bundle(.forged) }
        var sealer = try secretSealer()
        for owner in bundle.owners {
            var draft = OwnerDraft(
                owner.kind, connector: owner.connector, name: owner.name,
                settings: owner.settings.mapValues(\.values), tags: owner.tags, note: owner.note)
            for (field, sealed) in owner.secrets {
                draft.secrets[field] = try open(sealed, field, of: owner, with: key, from: bundle.head.vault)
            }
            do {
                let made = try create(
                    draft, with: &sealer, connector: try connector(named: owner.connector),
                    terms: owner.terms, from: bundle.head.origin)
                if owner.policy != UsePolicy() {
                    try record(
                        .allowUses, made.owner.object,
                        Change(state: made.state, details: owner.policy.details))
                }
            } catch VaultError.input(.invalid(let problems)) {
                throw VaultError.input(.invalid(problems.map { $0.of(owner.name) }))
            }
        }
    }

    private func open(
        _ sealed: [UInt8], _ field: String, of owner: BundledOwner, with key: borrowing BundleKey,
        from vault: [UInt8]
    ) throws -> SharedSecret {
        let aad = owner.aad(field, from: vault)
        guard let secret = key.withKey({ try? Seal.open(sealed, key: $0, purpose: .bundle, aad: aad) }) else {
            throw VaultError.bundle(.doesNotOpen(owner: owner.name, field: field))
        }
        return SharedSecret(secret)
    }

    private func checkNames(of owners: [BundledOwner]) throws {
        let taken = try owners.compactMap { owner in
            try rows.owner(owner.kind.rawValue, nameKey: Name.skeleton(of: Name.canonical(owner.name))).map {
                TakenName(kind: owner.kind, name: owner.name, taken: $0.name)
            }
        }
        guard taken.isEmpty else { throw VaultError.bundle(.namesTaken(taken)) }
    }
}

extension Problem {
    fileprivate func of(_ owner: String) -> Problem {
        Problem(field: field, message: "'\(owner)': \(message)", hint: hint)
    }
}
