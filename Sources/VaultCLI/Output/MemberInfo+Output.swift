import VaultCore
import VaultLedger
import VaultText

/// A member, as `member list` and `status` print it.
extension MemberInfo {
    static let headers = ["NAME", "ROLE", "UNLOCKS BY", "HOLDS", "LAST ACTION"]

    var cells: [String] {
        [
            name, role.rawValue, credentials, keys,
            lastAction.map { "\($0.time.text) \($0.action.rawValue)" } ?? "none",
        ]
    }

    var credentials: String {
        (slots.isEmpty ? "nothing" : slots.joined(separator: ", "))
            + (mustReplacePassphrase ? " (first passphrase, to be replaced)" : "")
    }

    var keys: String {
        let held = grants.filter(\.isHeld).map { String($0.epoch) }
        return held.isEmpty ? "no key" : "master key " + held.joined(separator: ", ")
    }

    var json: JSONObject {
        var json = ownJSON
        json["id"] = id
        json["fingerprint"] = fingerprint
        json["may_open"] = grants.last?.isHeld ?? false
        json["receive_key"] = Hex.encode(receiveKey)
        json["sign_key"] = Hex.encode(signKey)
        json["slots"] = slots.count
        return json
    }

    /// The part that `status` prints.
    var ownJSON: JSONObject {
        [
            "first_passphrase": mustReplacePassphrase,
            "grants": grants.map { ["epoch": $0.epoch, "held": $0.isHeld] as JSONObject },
            "last_action": lastAction.map { last in
                ["action": last.action, "seq": last.seq, "time": last.time] as JSONObject
            }.orNull,
            "name": name, "role": role, "slot_kinds": slots,
        ]
    }
}
