import GRDB
import TestSupport
import VaultCrypto
import VaultLedger
import VaultText

@testable import VaultCore

/// The tables rebuilt from the entries alone, without a key.
///
/// A second implementation, written from docs/format.md. Columns that depend on a key are left out.
struct ReplayedTables {
    private struct Owner {
        var kind: String
        var connector: String
        var name: String
        var settings: JSON.Members = [:]
        var note = ""
        var tags: [String: String] = [:]
        var digest = ""
        var secrets: [OwnerState.Secret] = []
        var origins: [VersionKey: SecretOrigin] = [:]
        var used: [VersionKey: Timestamp] = [:]
        var test: UInt64?
    }

    private var members: [String: (name: String, role: String, keys: [String])] = [:]
    private var slots: [String: (member: String, kind: String)] = [:]
    private var epochs: [Int64: (commitment: String, key: String)] = [:]
    private var connectors: Set<String> = []
    private var owners: [String: Owner] = [:]

    init(_ entries: [Entry]) { for entry in entries { follow(entry) } }

    private mutating func follow(_ entry: Entry) {
        let (details, id) = (entry.change.details, entry.object.id)
        switch entry.action {
        case .createVault, .addMember:
            let member = details["member"]!
            members[member["id"]!.string!] = (
                member["name"]!.string!, details["role"]?.string ?? "admin",
                [member["sign_key"]!.string!, member["receive_key"]!.string!]
            )
        case .changeRole: members[id]!.role = details["role"]!.string!
        case .removeMember:
            members[id] = nil
            slots = slots.filter { $0.value.member != id }
        case .addSlot: slots[details["slot"]!.string!] = (id, details["kind"]!.string!)
        case .removeSlot: slots[details["slot"]!.string!] = nil
        case .beginEpoch:
            epochs[details["epoch"]!.integer!] = (
                details["commitment"]!.string!, details["deposit_key"]!.string!
            )
        case .retireEpoch: epochs[details["epoch"]!.integer!] = nil
        case .addConnector: connectors.insert(entry.object.name)
        case .removeConnector: connectors.remove(entry.object.name)
        case .removeConnection, .removeClient: owners[id] = nil
        default: followOwner(entry)
        }
    }

    private mutating func followOwner(_ entry: Entry) {
        let (details, id) = (entry.change.details, entry.object.id)
        if [.createConnection, .createClient].contains(entry.action) {
            owners[id] = Owner(
                kind: entry.object.kind.rawValue, connector: details["connector"]!.string!,
                name: entry.object.name)
            owners[id]!.note = details["note"]?.string ?? ""
            for pair in details["tags"]?.object?.pairs ?? [] {
                owners[id]!.tags[pair.key] = pair.value.string
            }
        }
        guard var owner = owners[id] else { return }
        for setting in entry.change.settings { owner.settings[setting.key] = setting.new }
        owner.name = entry.object.name
        if entry.action == .annotateConnection {
            if let note = details["note"] { owner.note = note["new"]?.string ?? "" }
            for pair in details["tags"]?.object?.pairs ?? [] {
                owner.tags[pair.key] = pair.value["new"]?.string
            }
        }
        if [.execConnection, .testConnection].contains(entry.action), details["label"] == nil {
            for secret in owner.secrets where secret.label == .current {
                owner.used[VersionKey(secret)] = entry.time
            }
        }
        if entry.action == .testedConnection, details["label"] == nil { owner.test = entry.seq }
        if let state = entry.change.state {
            owner.digest = Hex.encode(state.settingsDigest)
            owner.secrets = state.secrets
            for secret in state.secrets where owner.origins[VersionKey(secret)] == nil {
                owner.origins[VersionKey(secret)] = SecretOrigin(entry, secret.field)
            }
        }
        owners[id] = owner
    }

    /// The rows of every table, sorted.
    var rows: [String: [String]] {
        var rows: [String: [[String]]] = [:]
        rows["members"] = members.map { [$0.key, $0.value.name, $0.value.role] + $0.value.keys }
        rows["slots"] = slots.map { [$0.key, $0.value.member, $0.value.kind] }
        rows["epochs"] = epochs.map { epoch in
            let isNewer = epochs.count > 1 && epoch.key == epochs.keys.max()
            return [String(epoch.key), epoch.value.commitment, epoch.value.key, isNewer ? "1" : "0"]
        }
        let openers = members.filter { ["admin", "user"].contains($0.value.role) }.keys
        rows["grants"] = epochs.keys.flatMap { epoch in openers.map { [String(epoch), $0] } }
        rows["connectors"] = connectors.map { [$0] }
        rows["owners"] = owners.map { id, owner in
            [id, owner.kind, owner.connector, owner.name, JSON.object(owner.settings).text, owner.note]
        }
        rows["tags"] = owners.flatMap { id, owner in owner.tags.map { [id, $0.key, $0.value] } }
        rows["tests"] = owners.compactMap { id, owner in owner.test.map { [id, String($0)] } }
        rows["secrets"] = owners.flatMap { id, owner in
            owner.secrets.map { secret in
                let origin = owner.origins[VersionKey(secret)]!
                let times = [
                    origin.expiresAt, secret.rotateBy, secret.keepUntil, owner.used[VersionKey(secret)],
                ].map { $0?.text ?? "" }
                return [
                    id, secret.field, String(secret.version), secret.label.rawValue, owner.digest,
                    origin.setAt.text, origin.setBy,
                ] + times + [secret.deposit == nil ? "0" : "1"]
            }
        }
        return rows.mapValues { $0.map { $0.joined(separator: "|") }.sorted() }
    }

    /// The rows of a vault's tables, in the same form.
    static func stored(_ test: TestVault) throws -> [String: [String]] {
        let columns = [
            "members":
                "lower(hex(id)), name, role, lower(hex(sign_key)), lower(hex(receive_key)) FROM members",
            "slots": "lower(hex(id)), lower(hex(member)), kind FROM slots",
            "epochs":
                "epoch, lower(hex(commitment)), lower(hex(deposit_key)), sealed_previous IS NOT NULL FROM epochs",
            "grants": "epoch, lower(hex(member)) FROM grants", "connectors": "name FROM connectors",
            "owners": "lower(hex(uid)), kind, connector, name, settings, note FROM owners",
            "tags": "lower(hex(uid)), key, value FROM tags JOIN owners o ON o.id = owner",
            "tests": "lower(hex(uid)), seq FROM tests JOIN owners o ON o.id = owner",
            "secrets": """
            lower(hex(uid)), field, version, label, lower(hex(settings_digest)), set_at, set_by, expires_at,
            rotate_by, keep_until, used_at, substr(sealed, 1, 1) = x'02' FROM secrets JOIN owners o ON o.id = owner
            """,
        ]
        return try test.raw { db in
            try columns.mapValues { text in
                try Row.fetchAll(db, sql: "SELECT \(text)").map { row in
                    row.databaseValues.map { value in
                        switch value.storage {
                        case .int64(let number): String(number)
                        case .string(let text): text
                        default: ""
                        }
                    }.joined(separator: "|")
                }.sorted()
            }
        }
    }
}
