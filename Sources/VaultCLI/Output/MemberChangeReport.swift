import VaultCore
import VaultLedger

/// The result of removing a member or changing their role, and the secrets that they know.
struct MemberChangeReport {
    let receipt: RoleReceipt
    let known: [KnownOwner]

    /// Runs the operation, and warns if it fails after the member's role has changed, for example because a secret could
    /// not be resealed.
    static func warningIfPartial(
        _ name: String, _ vault: Vault, _ body: () throws -> RoleReceipt
    ) throws -> RoleReceipt {
        let before = vault.state.member(named: name)
        do {
            return try body()
        } catch {
            if let before, vault.state.member(before.id)?.role != before.role {
                ErrorReport.warn("\(name) can't open new secrets, but the old master key is still in use")
            }
            throw error
        }
    }

    func write(to context: Context) throws {
        try context.write(json) { output in
            try output.line(text)
            if !known.isEmpty { try writeKnown(to: output) }
        }
    }

    private var text: String {
        let done =
            receipt.to.map { "\(receipt.member) is now \($0.withArticle)" } ?? "\(receipt.member) removed"
        let rotated = receipt.rotation.map {
            "; master key rotated: epoch \($0.from) → \($0.to), \(counted($0.resealed, "secret")) resealed"
        }
        return done + (rotated ?? "")
    }

    private func writeKnown(to output: Output) throws {
        try output.line(
            "\(receipt.member) may know these secrets; replace them at the provider, then: vault secret set")
        var table = Table(["NAME", "SECRETS", "SEEN"])
        for owner in known {
            table.add([owner.name, owner.fields.joined(separator: ", "), owner.how.text])
        }
        try output.table(table)
    }

    private var json: JSON {
        var json: JSON.Members = [
            "done": true, "known": .array(known.map(\.json)), "member": .string(receipt.member), "schema": 1,
        ]
        json["role"] = receipt.to.map { .string($0.rawValue) } ?? .null
        json["rotated"] =
            receipt.rotation.map {
                [
                    "from": .integer(Int64($0.from)), "secrets": .integer(Int64($0.resealed)),
                    "to": .integer(Int64($0.to)),
                ]
            } ?? .null
        return .object(json)
    }
}

extension KnownOwner {
    fileprivate var json: JSON {
        var json: JSON.Members = [
            "kind": .string(kind.rawValue), "name": .string(name),
            "secrets": .array(fields.map { .string($0) }),
        ]
        switch how {
        case .used(let time):
            json["seen"] = "used"
            json["used_at"] = .string(time.text)
        case .entered: json["seen"] = "entered"
        case .couldOpen: json["seen"] = "could-open"
        }
        return .object(json)
    }
}

extension KnownOwner.How {
    fileprivate var text: String {
        switch self {
        case .used(let time): "last used \(time.text)"
        case .entered: "entered"
        case .couldOpen: "could open"
        }
    }
}
