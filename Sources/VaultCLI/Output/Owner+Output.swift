import VaultCore
import VaultLedger
import VaultRegistry

/// A connection or client, as `show` and `list` print it.
extension Owner {
    /// - Parameter usage: A connection's policy and last use; nil in lists.
    func json(_ usage: ConnectionUsage? = nil) -> JSONObject {
        let paths = usage?.policy.paths.map(\.text) ?? []
        var json: JSONObject = [
            "allow": usage?.policy.uses?.map(\.rawValue).sorted(), "connector": connector, "id": id,
            "kind": kind, "last_use": usage?.last?.json, "name": name, "note": note,
            "rotate_with": usage?.policy.rotateWith, "secrets": secrets.map(\.json), "test": test?.json,
        ]
        if !paths.isEmpty { json["allow_paths"] = paths }
        json["settings"] = JSON.object(JSON.Members(settings.map { ($0.key, $0.value.json) }))
        json["tags"] = JSON.object(JSON.Members(tags.map { ($0.key, .string($0.value)) }))
        return json
    }

    /// Writes one fact per line: settings first, then the metadata of secrets.
    func write(_ usage: ConnectionUsage?, to output: Output) throws {
        try output.line(output.style.bold(SafeText.escaped(name)))
        var facts = [("connector", connector)]
        facts += settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value.values.joined(separator: ", ")) }
        facts += tags.map { ("tag \($0.key)", $0.value) }
        if !note.isEmpty { facts.append(("note", note)) }
        facts += secrets.map { ($0.field, $0.text) }
        if let usage { facts += usage.facts }
        if let test {
            let why = test.outcome.why.map { ": \($0)" } ?? ""
            facts.append(("test", test.text + (test.isOutdated ? "" : " by \(test.by)\(why)")))
        }
        let width = facts.map { DisplayWidth.of($0.0) }.max() ?? 0
        try output.lines(aligned(facts, width: width + 2).map { "  " + $0 })
    }
}

extension ConnectionUsage {
    fileprivate var facts: [(String, String)] {
        var facts: [(String, String)] = []
        if let uses = policy.uses {
            let words = uses.map(\.rawValue).sorted().joined(separator: ", ")
            facts.append(("allowed", uses.isEmpty ? "nothing" : words))
        }
        facts += policy.paths.map { ("path", $0.text) }
        if let program = policy.rotateWith { facts.append(("rotated with", program)) }
        if let last { facts.append(("last use", last.text)) }
        return facts
    }
}

extension SecretInfo {
    var json: JSONObject {
        var json: JSONObject = [
            "epoch": epoch, "expires_at": expiresAt, "field": field, "keep_until": keepUntil, "label": label,
            "rotate_by": rotateBy, "set_at": setAt, "set_by": setBy, "tested_at": testedAt,
            "used_at": usedAt, "version": version,
        ]
        if isDeposit { json["deposited"] = true }
        return json
    }

    fileprivate var text: String {
        let expiry = expiresAt.map { ", expires \($0)" } ?? ""
        let kept = keepUntil.map { ", kept until \($0)" } ?? ""
        let done = isDeposit ? "deposited" : "set"
        return "(secret) version \(version), \(label), \(done) \(setAt) by \(setBy)\(expiry)\(kept)"
    }
}

extension SettingValue {
    var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .list(let items): items.json
        }
    }
}
