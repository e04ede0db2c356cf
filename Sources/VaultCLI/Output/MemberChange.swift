import VaultCore
import VaultLedger

extension Context {
    /// Removes a member or changes their role, and lists the secrets that they know.
    func changeMember<O: RemoteOperation>(_ name: String, by operation: O) throws
    where O.Answer == RoleReceipt {
        let (vault, access) = try openUnlocked()
        let secrets = try vault.perform(ListKnownSecrets(of: name))
        let before = vault.state.member(named: name)
        let receipt: RoleReceipt
        do { receipt = try perform(operation, access) } catch {
            // For example because a secret could not be resealed.
            if let before, vault.state.member(before.id)?.role != before.role {
                ErrorReport.warn("\(name) can't open new secrets, but the old master key is still in use")
            }
            throw error
        }
        let known = receipt.to != nil && receipt.rotation == nil ? [] : secrets
        try write(receipt.json(known)) { output in
            try output.line(receipt.text)
            guard !known.isEmpty else { return }
            try output.line(
                "\(receipt.member) may know these secrets; replace them at the provider, then: vault secret set"
            )
            let rows = known.map { [$0.name, $0.fields.joined(separator: ", "), $0.seen.text] }
            try output.table(Table(["NAME", "SECRETS", "SEEN"], rows))
        }
    }
}

extension RoleReceipt {
    fileprivate var text: String {
        let done = to.map { "\(member) is now \($0.withArticle)" } ?? "\(member) removed"
        return done + (rotation.map { "; \($0.text)" } ?? "")
    }

    fileprivate func json(_ known: [KnownOwner]) -> JSONObject {
        [
            "done": true, "known": known.map(\.json), "member": member, "role": to.orNull,
            "rotated": rotation.map { $0.json }.orNull,
        ]
    }
}

extension RotationReceipt {
    var text: String {
        "master key rotated: epoch \(from) → \(to), \(counted(resealed, "secret")) resealed"
    }

    var json: JSONObject { ["from": from, "secrets": resealed, "to": to] }
}

extension KnownOwner {
    fileprivate var json: JSONObject {
        ["kind": kind, "name": name, "secrets": fields, "seen": seen.word, "used_at": seen.time]
    }

    /// Why the member may know the secrets.
    fileprivate var seen: (word: String, text: String, time: Timestamp?) {
        switch how {
        case .used(let time): ("used", "last used \(time.text)", time)
        case .entered: ("entered", "entered", nil)
        case .couldOpen: ("could-open", "could open", nil)
        }
    }
}
