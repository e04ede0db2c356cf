import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

/// Ledgers with digests of sealed secrets, read in full and incrementally.
enum SecretLedger {
    static let (ana, ben) = (TestLedger.ana, TestLedger.ben)

    static func digest(_ number: UInt8) -> Hash { Hash([UInt8](repeating: number, count: 32))! }

    /// A secret of an owner's state.
    ///
    /// - Parameter bytes: selects the digest of the sealed bytes; 0 omits it, as versions before format 2 do.
    static func secret(
        _ bytes: UInt8, version: UInt64 = 1, epoch: UInt64 = 1, label: SecretLabel = .current,
        isDeposit: Bool = false
    ) -> OwnerState.Secret {
        let digest = bytes == 0 ? nil : digest(bytes).bytes
        return OwnerState.Secret(
            field: "app-key", version: version, label: label, epoch: bytes == 0 ? nil : epoch,
            sealed: isDeposit ? nil : digest, deposit: isDeposit ? digest : nil,
            keepUntil: label == .previous ? Timestamp(text: "2027-01-01T00:00:00Z") : nil)
    }

    static func owner(
        _ action: Action, _ number: UInt8 = 1, _ secrets: OwnerState.Secret..., kind: Entry.Object.Kind? = nil
    ) -> EntryDraft {
        var draft = EntryDraft.owner(action, number, kind: kind)
        if action.recordsState { draft.change.state?.secrets = secrets }
        return draft
    }

    static func item(_ bytes: UInt8, _ number: UInt8 = 1, version: UInt64 = 1, epoch: UInt64 = 1)
        -> DigestList.Item
    {
        DigestList.Item(
            owner: IdentifierKey(bytes: [UInt8](repeating: number, count: 16))!, field: "app-key",
            version: version, epoch: epoch, digest: digest(bytes))
    }

    static func list(_ action: Action, epoch: UInt64 = 2, _ list: [UInt8], count: Int) -> EntryDraft {
        var details: JSON.Members = [
            "list": .string(Hex.encode(Digest.sha256(list))), "secrets": .integer(Int64(count)),
        ]
        if action == .resealSecrets { details["epoch"] = .integer(Int64(epoch)) }
        let object =
            action == .resealSecrets
            ? Entry.Object(.key, name: "epoch \(epoch)") : Entry.Object(.vault, name: "vault")
        return EntryDraft(action, object, Change(details: details))
    }

    static func begun(_ format: JSON = 2) -> TestLedger {
        var found = EntryDraft.found(ana)
        found.change.details["format"] = format
        return TestLedger().then(ana, found, .slot(ana, 1), .begin(1), .add(ben, .user))
    }

    /// Connection 1 with a sealed secret, connection 2 with a current and a pending one, client 3 with a deposit.
    static let ledger = begun().then(
        ben, owner(.createConnection, 1, secret(1)), owner(.createConnection, 2, secret(2)),
        owner(.startRotation, 2, secret(2), secret(3, version: 2, label: .pending)),
        owner(.createClient, 3, secret(4, isDeposit: true), kind: .client))

    /// The fault that a full replay finds. Checks that replays from each earlier head find the same.
    static func fault(_ ledger: TestLedger) throws -> LedgerError? {
        let whole = ledger.fault
        for head in ledger.heads.dropLast() {
            var start = ledger
            start.entries = Array(ledger.entries.prefix(Int(head.size)))
            start.heads = ledger.heads.filter { $0.size <= head.size }
            guard let before = try? start.verify() else { break }
            let verifier = LedgerVerifier(
                vault: before.vault!, range: before.range, state: before.state,
                history: TestHistory(before.owners, lists: ledger.lists))
            do throws(LedgerError) {
                let after = try ledger.verify(from: verifier)
                #expect(whole == nil)
                #expect(try after.state == ledger.verify().state)
            } catch {
                #expect(error == whole)
            }
        }
        return whole
    }

    static func expectRefused(_ what: String, _ ledger: TestLedger, _ note: Comment? = nil) throws {
        let found = try fault(ledger)
        guard case .contradiction(_, let text)? = found else {
            Issue.record("\(String(describing: found)) \(note ?? "")")
            return
        }
        #expect(text == what, note)
    }

    static let rotating = ledger.then(
        ben, owner(.sealDeposit, 3, secret(5), kind: .client)
    ).then(ana, .begin(2))

    static func then(
        _ ledger: TestLedger, _ action: Action, by author: Person = ana, epoch: UInt64 = 2,
        _ items: [DigestList.Item], list: [UInt8]? = nil, count: Int? = nil
    ) -> TestLedger {
        var ledger = ledger
        let bytes = list ?? DigestList.encode(items)
        ledger.lists[UInt64(ledger.entries.count)] = bytes
        return ledger.then(author, Self.list(action, epoch: epoch, bytes, count: count ?? items.count))
    }

    static let all = [
        item(11, epoch: 2), item(12, 2, epoch: 2), item(13, 2, version: 2, epoch: 2), item(14, 3, epoch: 2),
    ]

    /// A vault from before format 2, without digests.
    static let old = begun(1).then(
        ben, owner(.createConnection, 1, secret(0)), owner(.createConnection, 2, secret(0)),
        owner(.createConnection, 4, secret(0)))
}

extension ArraySlice<UInt8> {
    var withPieces: [PAE.Piece] { [.bytes(Array(self))] }
}
