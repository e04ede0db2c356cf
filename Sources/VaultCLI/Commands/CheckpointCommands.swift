import ArgumentParser
import VaultCore
import VaultLedger

// What an outsider checks, and checks with: verifying, checkpoints, witnesses, proofs.
extension AuditCommand {
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Check everything: hashes, signatures, roles, and every row against what was signed.",
            discussion: """
                With --secrets each secret is opened as well, which needs a key. With --new only what came since you last \
                verified this file: new entries and heads, and the rows that they are about. What you verified then is not \
                read again, so whoever changed rows behind the vault's back since is found by a verify without it.
                """)
        @OptionGroup var options: GlobalOptions
        @Option(
            help: ArgumentHelp(
                "A checkpoint kept elsewhere, which the ledger must contain.", valueName: "file"))
        var checkpoint: String?
        @Flag(help: "Open every secret too.") var secrets = false
        @Flag(help: "Only what is new since you last verified this file.") var new = false

        func run() throws {
            let context = Context(options)
            guard !new || checkpoint == nil else {
                throw Failure(
                    .usage, "--new goes on from what you verified yourself, not from a checkpoint",
                    next: "leave one of the two away")
            }
            let note = try checkpoint.map { path throws(Failure) in try TextFile.contents(of: path) }
            let input = try secrets ? SecretsIn(context) : nil
            let report =
                if let agent = try input?.agent(context) {
                    try context.perform(VerifyVault(checkpoint: note, onlyNew: new), agent)
                } else {
                    try context.unlocking(input) { unlock throws(VaultError) in
                        try Vault.verify(
                            context.path, context.surroundings(), checkpoint: note, onlyNew: new,
                            session: unlock)
                    }
                }
            try VerifyView(report: report, wantedNew: new).write(to: context)
        }
    }

    struct CheckpointCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "checkpoint",
            abstract: "Print the newest signed checkpoint (C2SP), to keep elsewhere.")
        @OptionGroup var options: GlobalOptions

        func run() throws {
            let context = Context(options)
            let vault = try context.open()
            try context.note(try context.failing { () throws(VaultError) in try vault.checkpoint() })
        }
    }

    struct Cosign: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cosign",
            abstract: "Sign a checkpoint as a witness (C2SP), and print it with that signature.",
            discussion: """
                A cosignature says that this is the newest state of the vault that you have seen, and that it continues \
                what you had seen before. Without a file the newest checkpoint is signed.
                    vault audit cosign today.checkpoint > today.cosigned
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The checkpoint; '-' for stdin.") var file: String?

        func run() throws {
            let context = Context(options)
            let given = try file.map { path throws(Failure) in try TextFile.contents(of: path) }
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let access = try secrets.access(context, to: vault)
            try context.note(try context.perform(CosignCheckpoint(given), access))
        }
    }

    struct Prove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prove",
            abstract:
                "Print the proof that an entry is in a checkpoint (C2SP tlog-proof), for somebody without the vault.",
            discussion: "Without a number the newest entry is proved. Needs no key.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The entry's number.") var seq: UInt64?
        @Option(
            help: ArgumentHelp(
                "The checkpoint that the entry is proved to be in; without it the newest.", valueName: "file")
        )
        var checkpoint: String?
        @Option(
            help: ArgumentHelp(
                "An older checkpoint, which the proof then shows to be the beginning of that one.",
                valueName: "file"))
        var since: String?

        func run() throws {
            let context = Context(options)
            let note = try checkpoint.map { path throws(Failure) in try TextFile.contents(of: path) }
            let older = try since.map { path throws(Failure) in try TextFile.contents(of: path) }
            let vault = try context.open()
            let proof = try context.failing { () throws(VaultError) in
                try vault.prove(seq, in: note, since: older)
            }
            if context.json {
                try context.output.json(["proof": .string(proof), "schema": 1])
            } else {
                try context.output.write(proof)
            }
            try context.output.flush()
        }
    }

    struct VerifyProof: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify-proof",
            abstract: "Check a proof with a checkpoint and the founder's key. Needs no vault.",
            discussion: """
                The checkpoint is the one that you kept: the proof's own, or an older one that it was made with (--since).
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The proof; '-' for stdin.") var file: String
        @Option(help: ArgumentHelp("The checkpoint that you kept.", valueName: "file")) var checkpoint:
            String?
        @Option(
            help: ArgumentHelp(
                "The founder's public key, as 'vault audit verify' shows it.", valueName: "key"))
        var founderKey: String

        func run() throws {
            let context = Context(options)
            let proof = try TextFile.contents(of: file)
            let note = try checkpoint.map { path throws(Failure) in try TextFile.contents(of: path) }
            let proven = try context.failing { () throws(VaultError) in
                try Vault.verifyProof(proof, checkpoint: note, founderKey: founderKey)
            }
            try ProvenView(proven: proven).write(to: context)
        }
    }
}

extension Context {
    /// Prints a checkpoint as it is to be kept.
    fileprivate func note(_ text: String) throws(OutputError) {
        if json {
            try output.json(["checkpoint": .string(text), "schema": 1])
        } else {
            try output.write(text)
        }
        try output.flush()
    }
}
