import ArgumentParser
import VaultCore
import VaultLedger

// `vault secret versions`, `rollback` and `destroy`: labels are moved and rows destroyed; nothing is shown.
extension SecretCommand {
    struct Versions: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "versions",
            abstract: "Every version that an owner's secrets ever had, destroyed ones too. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            let found = try context.failing { () throws(VaultError) in try vault.versions(of: owner) }
            var table = Table(["FIELD", "VERSION", "LABEL", "SET", "BY", "TESTED", "UNTIL"])
            for version in found {
                if context.json {
                    try context.output.json(version.json(owner))
                } else {
                    table.add(version.cells)
                }
            }
            if !context.json { try context.output.table(table) }
            try context.output.flush()
        }
    }

    struct Rollback: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollback",
            abstract: "Make the previous version the current one again; what was current is kept as previous."
        )
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @Argument(help: "The secret, such as app-key; several that belong together.") var fields: [String]
        @OptionGroup var overlap: OverlapOption

        func run() throws {
            let context = Context(options)
            guard let overlap = try overlap.period() else {
                throw Failure(
                    .usage, "--overlap: what was current is kept, so that this can be taken back",
                    next: "give 24h; then vault secret destroy, if it must be gone")
            }
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let step = try context.perform(RollBack(fields, of: owner, overlap: overlap), access)
            let kept = step.keepUntil.map { ", the other one kept until \($0.text)" } ?? ""
            try context.receipt(step, "\(step.text) current again\(kept)", next: nil)
        }
    }

    struct Destroy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "destroy", abstract: "Destroy a version that is not the current one.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String
        @Argument(help: "The secret, such as app-key.") var field: String
        @Option(name: .customLong("version"), help: ArgumentHelp("Which one.", valueName: "n"))
        var number: UInt64

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            let step = try context.perform(DestroyVersion(number, of: field, of: owner), access)
            try context.receipt(step, "\(step.text) destroyed", next: nil)
        }
    }
}

extension SecretVersion {
    fileprivate var cells: [String] {
        let until = destroyedAt.map { "destroyed \($0.text) by \(destroyedBy ?? "")" } ?? keepUntil?.text
        return [
            field, String(version), label?.rawValue ?? "destroyed", setAt.text, setBy, testedAt?.text ?? "",
            until ?? "",
        ]
    }

    fileprivate func json(_ owner: String) -> JSON {
        var members: JSON.Members = [
            "field": .string(field), "label": .string(label?.rawValue ?? "destroyed"),
            "owner": .string(owner),
            "schema": 1, "set_at": .string(setAt.text), "set_by": .string(setBy),
            "version": .integer(Int64(version)),
        ]
        members["destroyed_at"] = destroyedAt.map { .string($0.text) }
        members["destroyed_by"] = destroyedBy.map(JSON.string)
        members["expires_at"] = expiresAt.map { .string($0.text) }
        members["keep_until"] = keepUntil.map { .string($0.text) }
        members["tested_at"] = testedAt.map { .string($0.text) }
        return .object(members)
    }
}
