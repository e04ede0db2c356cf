import VaultCore
import VaultLedger
import VaultText

/// The result of `audit verify`.
struct VerifyView {
    let report: VerifyReport
    /// Whether `--new` was passed.
    let wantedNew: Bool

    func write(to context: Context) throws {
        try context.write(json) { output in
            for line in lines { try output.line(line) }
            if let checkpoint = report.checkpoint {
                try output.line(
                    "checkpoint of \(entries(checkpoint.size)): signed by "
                        + checkpoint.signers.joined(separator: ", ") + checkpoint.cosigners.text)
            }
            try output.line("root \(report.root)")
            try output.line("founder \(report.founder.name) \(Hex.encode(report.founder.signKey))")
        }
    }

    private var lines: [String] {
        let opened = report.opened.map { ", \($0) opened" } ?? ""
        let rows =
            "\(counted(report.owners, "connection or client", plural: "connections and clients")), "
            + "\(counted(report.secrets, "secret"))\(opened)"
        let heads = counted(report.heads, "signed head")
        guard let since = report.since else {
            return ["verified: \(entries(report.entries)) under \(heads), \(rows)"]
                + (wantedNew ? ["verified everything: you have not verified this file before"] : [])
        }
        return [
            "verified the changes since \(since.time.text): \(entries(report.entries - since.size)) under \(heads), \(rows)",
            "not read again: \(since.size) older entries, and rows without new entries",
        ]
    }

    private var json: JSON {
        var members: JSON.Members = [
            "entries": .integer(Int64(report.entries)),
            "since": report.since.map {
                ["size": .integer(Int64($0.size)), "time": .string($0.time.text)]
            } ?? .null,
            "founder": .string(report.founder.name),
            "founder_key": .string(Hex.encode(report.founder.signKey)),
            "heads": .integer(Int64(report.heads)),
            "opened": report.opened.map { .integer(Int64($0)) } ?? .null,
            "owners": .integer(Int64(report.owners)), "root": .string(report.root), "schema": 1,
            "secrets": .integer(Int64(report.secrets)),
        ]
        if let checkpoint = report.checkpoint {
            members["checkpoint"] = [
                "cosigned_by": checkpoint.cosigners.json,
                "signed_by": .array(checkpoint.signers.map { .string($0) }),
                "size": .integer(Int64(checkpoint.size)),
            ]
        }
        return .object(members)
    }
}

/// The result of `audit verify-proof`.
struct ProvenView {
    let proven: ProvenEntry

    func write(to context: Context) throws {
        try context.write(json) { output in
            let entry = proven.entry
            try output.line(
                "proved: entry \(entry.seq), signed by \(entry.actor.name), is in the ledger of "
                    + "\(entries(proven.checkpoint.size)) founded by \(proven.founder.name)")
            try output.line(
                "checkpoint signed by \(proven.signers.joined(separator: ", "))" + proven.cosigners.text)
            if let older = proven.extends {
                try output.line("it extends your checkpoint of \(entries(older.size))")
            }
            try EntryView(entry: entry).writeFacts(to: output)
        }
    }

    private var json: JSON {
        [
            "checkpoint": .string(proven.checkpoint.text), "cosigned_by": proven.cosigners.json,
            "entry": EntryView(entry: proven.entry).json,
            "extends": proven.extends.map { .integer(Int64($0.size)) } ?? .null,
            "founder": .string(proven.founder.name), "schema": 1,
            "signed_by": .array(proven.signers.map { .string($0) }),
            "size": .integer(Int64(proven.checkpoint.size)),
        ]
    }
}

extension [ProvenEntry.Cosigner] {
    fileprivate var text: String {
        isEmpty ? "" : ", cosigned by " + map { "\($0.name) on \($0.time.text)" }.joined(separator: ", ")
    }

    fileprivate var json: JSON {
        .array(map { ["by": .string($0.name), "time": .string($0.time.text)] })
    }
}

private func entries(_ number: some BinaryInteger) -> String { counted(number, "entry", plural: "entries") }

/// A verified backup.
struct BackupView {
    let report: BackupReport

    func write(_ title: String, to context: Context) throws {
        let contents = report.contents
        var values: JSON.Members = [
            "by": .string(report.author), "entries": .integer(Int64(contents.entries)),
            "heads": .integer(Int64(contents.heads)), "newest": .string(report.newest.text),
            "owners": .integer(Int64(contents.owners)), "path": .string(report.path),
            "root": .string(contents.root), "secrets": .integer(Int64(contents.secrets)),
            "vault": .string(report.vault),
        ]
        values["seen"] = report.contradiction.map { .integer(Int64($0.seen)) } ?? .null
        try context.receipt(
            "\(title): \(entries(contents.entries)) up to \(report.newest.text) by \(report.author), "
                + "\(counted(contents.owners, "connection or client", plural: "connections and clients")), "
                + counted(contents.secrets, "secret"), values)
        guard let seen = report.contradiction, !context.json else { return }
        ErrorReport.warn(
            seen.isFork
                ? "the backup has another history than the \(entries(seen.seen)) that you saw on \(seen.at.text)"
                : "the backup is out of date: you saw \(entries(seen.seen)) of this vault on \(seen.at.text)")
    }
}

/// The activity of a member, as `audit log --by actor` prints it.
extension MemberActivity {
    static let headers = ["WHO", "ENTRIES", "FIRST", "LAST", "ACTIONS"]

    private var sortedActions: [(key: Action, value: Int)] {
        actions.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
    }

    var cells: [String] {
        [
            name, String(entries), first.text, last.text,
            sortedActions.map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", "),
        ]
    }

    var json: JSON {
        [
            "actions": .object(JSON.Members(actions.map { ($0.key.rawValue, .integer(Int64($0.value))) })),
            "entries": .integer(Int64(entries)), "first": .string(first.text), "id": .string(id.hex),
            "last": .string(last.text), "name": .string(name), "schema": 1,
        ]
    }
}
