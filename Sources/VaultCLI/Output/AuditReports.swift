import VaultCore
import VaultLedger
import VaultText

extension VerifyReport {
    /// Writes the result of `audit verify`.
    ///
    /// - Parameter wantedNew: Whether `--new` was passed.
    func write(to context: Context, wantedNew: Bool) throws {
        try context.write(json, lines: lines(wantedNew))
    }

    private func lines(_ wantedNew: Bool) -> [String] {
        let opened = opened.map { ", \($0) opened" } ?? ""
        let rows = "\(countedOwners(owners)), \(counted(secrets, "secret"))\(opened)"
        let heads = counted(heads, "signed head")
        var lines: [String]
        if let since {
            let new = countedEntries(entries - since.size)
            lines = [
                "verified the changes since \(since.time.text): \(new) under \(heads), \(rows)",
                "not read again: \(since.size) older entries, and rows without new entries",
            ]
        } else {
            lines = ["verified: \(countedEntries(entries)) under \(heads), \(rows)"]
            if wantedNew { lines.append("verified everything: you have not verified this file before") }
        }
        if let checkpoint {
            lines.append(
                "checkpoint of \(countedEntries(checkpoint.size)): signed by "
                    + checkpoint.signers.joined(separator: ", ") + checkpoint.cosigners.text)
        }
        return lines + ["root \(root)", "founder \(founder.name) \(Hex.encode(founder.signKey))"]
    }

    private var json: JSONObject {
        [
            "checkpoint": checkpoint.map {
                ["cosigned_by": $0.cosigners, "signed_by": $0.signers, "size": $0.size] as JSONObject
            },
            "entries": entries, "founder": founder.name, "founder_key": Hex.encode(founder.signKey),
            "heads": heads, "opened": opened.orNull, "owners": owners, "root": root, "secrets": secrets,
            "since": since.map { ["size": $0.size, "time": $0.time] as JSONObject }.orNull,
        ]
    }
}

extension ProvenEntry {
    /// Writes the result of `audit verify-proof`.
    func write(to context: Context) throws {
        let older = extends.map { ["it extends your checkpoint of \(countedEntries($0.size))"] }
        let lines = [
            "proved: entry \(entry.seq), signed by \(entry.actor.name), is in the ledger of "
                + "\(countedEntries(checkpoint.size)) founded by \(founder.name)",
            "checkpoint signed by \(signers.joined(separator: ", "))" + cosigners.text,
        ]
        try context.write(json) { output in
            try output.lines(lines + (older ?? []))
            try EntryView(entry: entry).writeFacts(to: output)
        }
    }

    private var json: JSONObject {
        [
            "checkpoint": checkpoint.text, "cosigned_by": cosigners, "entry": EntryView(entry: entry).json,
            "extends": extends.map { $0.size }.orNull, "founder": founder.name, "signed_by": signers,
            "size": checkpoint.size,
        ]
    }
}

extension ProvenEntry.Cosigner: JSONConvertible {
    var json: JSON { ["by": .string(name), "time": .string(time.text)] }
}

extension [ProvenEntry.Cosigner] {
    fileprivate var text: String {
        isEmpty ? "" : ", cosigned by " + map { "\($0.name) on \($0.time.text)" }.joined(separator: ", ")
    }
}

extension BackupReport {
    /// Writes the result of a backup command.
    func write(_ title: String, to context: Context) throws {
        try context.receipt(
            "\(title): \(countedEntries(contents.entries)) up to \(newest.text) by \(author), "
                + "\(countedOwners(contents.owners)), \(counted(contents.secrets, "secret"))",
            [
                "by": author, "entries": contents.entries, "heads": contents.heads, "newest": newest,
                "owners": contents.owners, "path": path, "root": contents.root,
                "secrets": contents.secrets, "seen": contradiction.map { $0.seen }.orNull, "vault": vault,
            ])
        guard let contradiction, !context.json else { return }
        let seen = countedEntries(contradiction.seen)
        ErrorReport.warn(
            contradiction.isFork
                ? "the backup has another history than the \(seen) that you saw on \(contradiction.at.text)"
                : "the backup is out of date: you saw \(seen) of this vault on \(contradiction.at.text)")
    }
}

/// The activity of a member, as `audit log --by actor` prints it.
extension MemberActivity {
    static let headers = ["WHO", "ENTRIES", "FIRST", "LAST", "ACTIONS"]

    var cells: [String] {
        let sorted = actions.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
        return [
            name, String(entries), first.text, last.text,
            sorted.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "),
        ]
    }

    var json: JSONObject {
        let actions = JSON.Members(actions.map { ($0.key.rawValue, .integer(Int64($0.value))) })
        return [
            "actions": JSON.object(actions), "entries": entries, "first": first, "id": id, "last": last,
            "name": name,
        ]
    }
}
