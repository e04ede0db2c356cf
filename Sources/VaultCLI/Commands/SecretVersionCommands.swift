import ArgumentParser
import VaultCore
import VaultLedger

extension SecretCommand {
    struct Versions: Command {
        static let configuration = CommandConfiguration(
            commandName: "versions",
            abstract: "List all versions of the secrets, including destroyed ones. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String

        func run(_ context: Context) throws {
            try context.write(
                context.open().perform(ListVersions(of: owner)),
                ["FIELD", "VERSION", "LABEL", "SET", "BY", "TESTED", "UNTIL"], json: { $0.json(owner) },
                cells: \.cells)
        }
    }

    struct Rollback: Command {
        static let configuration = CommandConfiguration(
            commandName: "rollback",
            abstract: "Make the previous version current again. The current one becomes the previous one.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
        @Argument(help: "The secret, such as app-key, or several that belong together.") var fields: [String]
        @OptionGroup var overlap: OverlapOption

        func run(_ context: Context) throws {
            guard let overlap = try overlap.period() else {
                throw Failure.usage("--overlap must be greater than zero: a rollback keeps the other version")
                    .next("use 24h; then vault secret destroy, to destroy it")
            }
            let step = try context.perform(RollBack(fields, of: owner, overlap: overlap))
            let kept = step.keepUntil.map { ", the other version kept until \($0.text)" } ?? ""
            try context.receipt(step, "current again\(kept)")
        }
    }

    struct Destroy: Command {
        static let configuration = CommandConfiguration(
            commandName: "destroy", abstract: "Destroy a version other than the current one.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String
        @Argument(help: "The secret, such as app-key.") var field: String
        @Option(name: .customLong("version"), help: .init("The version to destroy.", valueName: "n"))
        var number: UInt64

        func run(_ context: Context) throws {
            let step = try context.perform(DestroyVersion(number, of: field, of: owner))
            try context.receipt(step, "destroyed")
        }
    }
}

extension SecretVersion {
    fileprivate var cells: [String] {
        let until = destroyedAt.map { "destroyed \($0.text) by \(destroyedBy ?? "")" } ?? keepUntil?.text
        return [field, String(version), state, setAt.text, setBy, testedAt?.text ?? "", until ?? ""]
    }

    fileprivate func json(_ owner: String) -> JSONObject {
        [
            "destroyed_at": destroyedAt, "destroyed_by": destroyedBy, "expires_at": expiresAt,
            "field": field, "keep_until": keepUntil, "label": state, "owner": owner, "set_at": setAt,
            "set_by": setBy, "tested_at": testedAt, "version": version,
        ]
    }

    private var state: String { label?.rawValue ?? "destroyed" }
}
