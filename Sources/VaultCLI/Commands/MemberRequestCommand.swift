import ArgumentParser
import VaultCore
import VaultLedger
import VaultText

/// `vault member request`: creates an identity, and a file with its public keys for an admin.
struct MemberRequestCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Create your identity, and a request to join for an admin.",
        discussion: """
            The request is for one vault, and is useless without your key file or passphrase. The vault is the one of \
            --vault, or of a checkpoint (vault audit checkpoint).
            """)

    static let examples = [
        "vault member request --key-file ~/vault.key --out bo.request --checkpoint today.checkpoint"
    ]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Option(help: .init("Write the request to this new file.", valueName: "file")) var out: String
    @Option(
        help: .init(
            "Take the vault's identity from this checkpoint, if you can't read the vault's file.",
            valueName: "file"))
    var checkpoint: String?

    func run(_ context: Context) throws {
        let secrets = try CommandSecrets(context, confirms: true)
        let vault = try vaultID(context)
        let made = try secrets.firstCredential(of: context.memberName ?? "the new member", context)
        let request = try context.change(with: made.newFiles) {
            let request = try Vault.request(toJoin: vault, with: made.credential, context.surroundings())
            try request.write(to: out)
            return request
        }
        if let path = made.madeFile, !context.json {
            try context.output.lines([
                "created key file \(path); it will unlock the vault as you, keep it private"
            ])
        }
        let name = context.memberName ?? "NAME"
        try context.receipt(
            "created request \(out) with the fingerprint \(request.fingerprint)",
            [
                "fingerprint": request.fingerprint, "key_file": made.madeFile.orNull, "path": out,
                "vault": Hex.encode(vault),
            ],
            next: "send it to an admin, who runs: vault member add \(name) --role ROLE --request \(out)")
    }

    private func vaultID(_ context: Context) throws -> [UInt8] {
        guard let checkpoint else { return try context.open().id }
        let text = try TextFile.contents(of: checkpoint)
        guard let note = SignedNote(encoded: text), let read = Checkpoint(text: note.text) else {
            throw Failure.usage("\(checkpoint) is not a checkpoint of a vault")
                .next("ask for the output of: vault audit checkpoint")
        }
        return read.vault
    }
}
