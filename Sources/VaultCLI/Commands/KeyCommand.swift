import ArgumentParser
import VaultCore

/// `vault key`: manages the master key.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show and rotate the master key, under which all secrets are sealed.",
        subcommands: [Status.self, Rotate.self])

    struct Status: Command {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Show the current epoch, and the number of secrets under each. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            let status = try context.open().perform(ShowKeyStatus())
            let members = status.members.joined(separator: ", ")
            var lines = ["master key  epoch \(status.epoch), granted to \(members)"]
            lines += status.secrets.map { "epoch \($0.epoch)     \(counted($0.count, "secret"))" }
            if let old = status.retiring {
                lines.append(
                    "a rotation from epoch \(old) is in progress or was interrupted: "
                        + "vault key rotate --resume")
            }
            try context.write(
                [
                    "epoch": status.epoch, "members": status.members, "retiring": status.retiring.orNull,
                    "secrets": status.secrets.map { ["count": $0.count, "epoch": $0.epoch] as JSONObject },
                ], lines: lines)
        }
    }

    struct Rotate: Command {
        static let configuration = CommandConfiguration(
            commandName: "rotate",
            abstract: "Replace the master key, and reseal every secret under the new one.",
            discussion: "The vault stays usable. An interrupted rotation resumes with the next run.")
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Flag(help: "Only resume an interrupted rotation.") var resume = false

        func run(_ context: Context) throws {
            let receipt = try context.perform(RotateMasterKey(resumeOnly: resume))
            try context.receipt(receipt.text, receipt.json)
        }
    }
}
