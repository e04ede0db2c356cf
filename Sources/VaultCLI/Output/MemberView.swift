import VaultCore
import VaultLedger
import VaultText

/// A member, as `member list` and `status` print them.
struct MemberView {
    let member: MemberInfo

    var json: JSON {
        var json = own
        json["id"] = .string(member.id.hex)
        json["fingerprint"] = .string(member.fingerprint)
        json["may_open"] = .bool(member.grants.last?.isHeld ?? false)
        json["receive_key"] = .string(Hex.encode(member.receiveKey))
        json["schema"] = 1
        json["sign_key"] = .string(Hex.encode(member.signKey))
        json["slots"] = .integer(Int64(member.slots.count))
        return .object(json)
    }

    /// The part that `status` prints about the member itself.
    var own: JSON.Members {
        [
            "first_passphrase": .bool(member.mustReplacePassphrase),
            "grants": .array(
                member.grants.map { ["epoch": .integer(Int64($0.epoch)), "held": .bool($0.isHeld)] }),
            "last_action": member.lastAction.map { last in
                [
                    "action": .string(last.action.rawValue), "seq": .integer(Int64(last.seq)),
                    "time": .string(last.time.text),
                ]
            } ?? .null,
            "name": .string(member.name), "role": .string(member.role.rawValue),
            "slot_kinds": .array(member.slots.map { .string($0) }),
        ]
    }

    static let headers = ["NAME", "ROLE", "UNLOCKS BY", "HOLDS", "LAST ACTION"]

    var cells: [String] {
        [
            member.name, member.role.rawValue, slots, grants,
            member.lastAction.map { "\($0.time.text) \($0.action.rawValue)" } ?? "none",
        ]
    }

    var slots: String {
        (member.slots.isEmpty ? "nothing" : member.slots.joined(separator: ", "))
            + (member.mustReplacePassphrase ? " (first passphrase, to be replaced)" : "")
    }

    var grants: String {
        let held = member.grants.filter(\.isHeld).map { String($0.epoch) }
        return held.isEmpty ? "no key" : "master key " + held.joined(separator: ", ")
    }
}
