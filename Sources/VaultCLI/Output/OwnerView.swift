import VaultCore
import VaultLedger
import VaultRegistry

/// A connection or client, as `show` and `list` print it.
struct OwnerView {
    let owner: Owner
    /// A connection's policy and last use; nil in lists.
    var usage: ConnectionUsage?

    var json: JSON {
        var members: JSON.Members = [
            "connector": .string(owner.connector),
            "id": .string(owner.id.hex),
            "kind": .string(owner.kind.rawValue),
            "name": .string(owner.name),
            "note": .string(owner.note),
            "schema": 1,
            "secrets": .array(owner.secrets.map { .object(Self.members(of: $0)) }),
            "settings": .object(JSON.Members(owner.settings.map { ($0.key, $0.value.json) })),
        ]
        members["tags"] = .object(JSON.Members(owner.tags.map { ($0.key, .string($0.value)) }))
        members["test"] = owner.test?.json
        members["last_use"] = usage?.last?.json
        members["allow"] = usage?.policy.uses.map { .array($0.map(\.rawValue).sorted().map { .string($0) }) }
        if let paths = usage?.policy.paths, !paths.isEmpty {
            members["allow_paths"] = .array(paths.map { .string($0.text) })
        }
        members["rotate_with"] = usage?.policy.rotateWith.map { .string($0) }
        return .object(members)
    }

    static func members(of secret: SecretInfo) -> JSON.Members {
        var members: JSON.Members = [
            "epoch": .integer(Int64(secret.epoch)), "field": .string(secret.field),
            "label": .string(secret.label),
            "set_at": .string(secret.setAt), "set_by": .string(secret.setBy),
            "version": .integer(Int64(secret.version)),
        ]
        if secret.isDeposit { members["deposited"] = true }
        members["expires_at"] = secret.expiresAt.map(JSON.string)
        members["keep_until"] = secret.keepUntil.map(JSON.string)
        members["rotate_by"] = secret.rotateBy.map(JSON.string)
        members["tested_at"] = secret.testedAt.map(JSON.string)
        members["used_at"] = secret.usedAt.map(JSON.string)
        return members
    }

    private static func lines(_ usage: ConnectionUsage) -> [(String, String)] {
        var lines: [(String, String)] = []
        if let uses = usage.policy.uses {
            lines.append(
                ("allowed", uses.isEmpty ? "nothing" : uses.map(\.rawValue).sorted().joined(separator: ", ")))
        }
        lines += usage.policy.paths.map { ("path", $0.text) }
        if let program = usage.policy.rotateWith { lines.append(("rotated with", program)) }
        if let last = usage.last { lines.append(("last use", last.text)) }
        return lines
    }

    /// Writes one fact per line: settings first, then the metadata of secrets.
    func write(to output: Output) throws {
        let style = output.style
        try output.line(style.bold(SafeText.escaped(owner.name)))
        var lines: [(String, String)] = [("connector", owner.connector)]
        lines += owner.settings.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.values.joined(separator: ", "))
        }
        lines += owner.tags.map { ("tag \($0.key)", $0.value) }
        if !owner.note.isEmpty { lines.append(("note", owner.note)) }
        lines += owner.secrets.map { secret in
            let more = [
                secret.expiresAt.map { "expires \($0)" }, secret.keepUntil.map { "kept until \($0)" },
            ].compactMap(\.self).map { ", " + $0 }.joined()
            return (
                secret.field,
                "(secret) version \(secret.version), \(secret.label), \(secret.isDeposit ? "deposited" : "set") \(secret.setAt) by \(secret.setBy)\(more)"
            )
        }
        if let usage { lines += Self.lines(usage) }
        if let test = owner.test {
            let more =
                test.isOutdated
                ? "" : " by \(test.by)\(test.outcome.why.map { ": \($0)" } ?? "")"
            lines.append(("test", test.text + more))
        }
        let width = lines.map { DisplayWidth.of($0.0) }.max() ?? 0
        for (key, value) in lines {
            let gap = String(repeating: " ", count: width - DisplayWidth.of(key) + 2)
            try output.line("  " + SafeText.escaped(key) + gap + SafeText.escaped(value))
        }
    }
}

extension SettingValue {
    var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .list(let items): .array(items.map { .string($0) })
        }
    }
}
