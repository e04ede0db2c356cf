import ArgumentParser
import VaultCore
import VaultLedger

/// `vault member request`: makes an identity, and a small file with its public half for an admin.
struct MemberRequestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Make your own identity, and a file to ask an admin with.",
        discussion: """
            The file holds no secret that opens anything without your key file or passphrase. It is for one vault: the
            one of --vault, or of a checkpoint that somebody gave you (vault audit checkpoint).
            """)

    @OptionGroup var options: GlobalOptions
    @Option(help: ArgumentHelp("The file to hand over; it must not be there yet.", valueName: "file"))
    var out: String
    @Option(
        help: ArgumentHelp(
            "A checkpoint of the vault, where its file cannot be read yet.", valueName: "file"))
    var checkpoint: String?

    func run() throws {
        let context = Context(options)
        let secrets = try SecretsIn(context, confirms: true)
        let vault = try vaultID(context)
        let made = try secrets.firstCredential(of: context.memberName ?? "the new member", context)
        let request = try context.change(with: made.newFiles) { () throws(VaultError) in
            let request = try Vault.request(toJoin: vault, with: made.credential, context.surroundings())
            try request.write(to: out)
            return request
        }
        if let path = made.madeFile, !context.json {
            try context.output.line("key file \(SafeText.escaped(path)) made: whoever has it is you")
        }
        try context.receipt(
            "request to join made: \(out), fingerprint \(request.fingerprint)",
            [
                "fingerprint": .string(request.fingerprint),
                "key_file": made.madeFile.map(JSON.string) ?? .null,
                "path": .string(out), "vault": .string(Identifiers.hex(vault)),
            ])
        if !context.json {
            try context.output.line(
                "next: hand it to an admin, who runs: vault member add NAME --role ROLE --request FILE")
            try context.output.flush()
        }
    }

    private func vaultID(_ context: Context) throws(Failure) -> [UInt8] {
        guard let checkpoint else { return try context.open().id }
        let text = try TextFile.contents(of: checkpoint)
        guard let note = SignedNote(encoded: text), let read = Checkpoint(text: note.text) else {
            throw Failure(
                .usage, "\(checkpoint) is no checkpoint of a vault",
                next: "ask for the output of: vault audit checkpoint")
        }
        return read.vault
    }
}
