import ArgumentParser
import VaultCore

extension AuditCommand {
    struct Verify: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Verify all hashes, signatures and roles, and every row against the ledger.",
            discussion: """
                Needs a key only for --secrets. With --new only new entries and heads, and the rows that they are about, are \
                verified. A row that was changed outside the vault since then is found only without --new.
                """)
        static let examples = [
            "vault audit verify",
            "vault audit checkpoint > today.checkpoint",
            "vault audit verify --checkpoint today.checkpoint",
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Option(
            help: .init(
                "Also verify that the ledger contains this checkpoint, kept elsewhere.", valueName: "file"))
        var checkpoint: String?
        @Flag(help: "Also open every secret.") var secrets = false
        @Flag(help: "Verify only what is new since you last verified this file.") var new = false

        func run(_ context: Context) throws {
            try require(
                !new || checkpoint == nil, "--new and --checkpoint can't be combined",
                next: "use one of them")
            let note = try checkpoint.map { try TextFile.contents(of: $0) }
            let verify = VerifyVault(checkpoint: note, onlyNew: new)
            let report =
                if secrets {
                    try context.perform(verify, try CommandSecrets(context).access(context))
                } else {
                    try context.open().perform(verify)
                }
            try report.write(to: context, wantedNew: new)
        }
    }

    struct CheckpointCommand: Command {
        static let configuration = CommandConfiguration(
            commandName: "checkpoint",
            abstract: "Print the newest signed checkpoint (C2SP), to keep elsewhere. Needs no key.")
        @OptionGroup(title: "Global options") var options: GlobalOptions

        func run(_ context: Context) throws {
            try context.write(document: context.open().perform(ShowCheckpoint()), as: "checkpoint")
        }
    }

    struct Cosign: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "cosign",
            abstract: "Sign a checkpoint as a witness (C2SP), and print it with the cosignature.",
            discussion: """
                A cosignature states that this is the newest checkpoint you have seen, and that it extends all earlier ones \
                you have seen.
                """)
        static let examples = ["vault audit cosign today.checkpoint > today.cosigned"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The checkpoint file, or '-' for stdin (default: the newest checkpoint).")
        var file: String?

        func run(_ context: Context) throws {
            let given = try file.map { try TextFile.contents(of: $0) }
            try context.write(document: context.perform(CosignCheckpoint(given)), as: "checkpoint")
        }
    }

    struct Prove: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "prove",
            abstract: "Print a proof that an entry is in a checkpoint (C2SP tlog-proof). Needs no key.")
        static let examples = ["vault audit prove 6 > change.proof"]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The number of the entry (default: the newest).") var seq: UInt64?
        @Option(
            help: .init(
                "Prove that the entry is in this checkpoint (default: the newest).", valueName: "file"))
        var checkpoint: String?
        @Option(help: .init("Also prove that it extends this older checkpoint.", valueName: "file"))
        var since: String?

        func run(_ context: Context) throws {
            let note = try checkpoint.map { try TextFile.contents(of: $0) }
            let older = try since.map { try TextFile.contents(of: $0) }
            let proof = try context.open().perform(ProveEntry(seq, in: note, since: older))
            try context.write(document: proof, as: "proof")
        }
    }

    struct VerifyProof: Command, ExampleProviding {
        static let configuration = CommandConfiguration(
            commandName: "verify-proof",
            abstract: "Verify a proof with the founder's key and a checkpoint. Needs no vault.")
        static let examples = [
            "vault audit verify-proof change.proof --founder-key \"$FOUNDER_KEY\" --checkpoint today.checkpoint"
        ]
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The proof file, or '-' for stdin.") var file: String
        @Option(
            help: .init(
                "A checkpoint that you kept: the proof's own, or the one of --since.", valueName: "file"))
        var checkpoint: String?
        @Option(help: .init("The founder's public key, as 'vault audit verify' prints it.", valueName: "key"))
        var founderKey: String

        func run(_ context: Context) throws {
            let proof = try TextFile.contents(of: file)
            let note = try checkpoint.map { try TextFile.contents(of: $0) }
            try Vault.verifyProof(proof, checkpoint: note, founderKey: founderKey).write(to: context)
        }
    }
}
