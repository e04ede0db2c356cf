import ArgumentParser
import VaultCore
import VaultLedger

/// `vault member add`: by the request of somebody who made their identity, or with one that is made here.
struct MemberAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a member.",
        discussion: """
            Best by a request: then nobody but the new member has ever had their key. The fingerprint that is printed is
            the one that they were shown; compare the two.
            """)

    @Argument(help: "The new member's name: 1 to 64 of a-z, 0-9, '.', '_' and '-'.") var name: String
    @Option(help: "admin, user, writer or auditor.") var role: String
    @OptionGroup var options: AddingOptions

    func run() throws {
        let context = Context(options.global)
        let role = try Role(argument: role)
        try checkWay()
        let request = try options.request.map { path throws(Failure) in try TextFile.contents(of: path) }
        let first = try options.passphraseFrom.map { source throws(Failure) in
            try SecretRequest.newPassphrase(from: source, option: "--passphrase-from", of: name)
        }
        let secrets = try SecretsIn(context, [first].compactMap(\.self))
        let vault = try context.open()
        let access = try secrets.access(context, to: vault)
        let made = try newCredential(secrets, context)
        let member = try context.change(with: made?.newFiles ?? NewFiles()) { () throws(VaultError) in
            let joining = made.map { AddMember.Joining.credential($0.credential) }
            return try access.perform(AddMember(name, role, by: joining ?? .request(request ?? "")))
        }
        try report(member, context)
    }

    /// Nil where a request brings its own.
    private func newCredential(_ secrets: SecretsIn, _ context: Context) throws(Failure) -> NewCredential? {
        if let path = options.keyFile { return try .keyFile(path, context) }
        return options.request == nil ? try secrets.newCredential() : nil
    }

    private func checkWay() throws(Failure) {
        let given = [
            ("--request", options.request), ("--key-file", options.keyFile),
            ("--passphrase-from", options.passphraseFrom),
        ].filter { $0.1 != nil }.map(\.0)
        guard !given.isEmpty else {
            throw Failure(
                .usage, "how will the new member unlock?",
                next:
                    "--request FILE (best: vault member request), --key-file PATH or --passphrase-from SOURCE"
            )
        }
        guard given.count == 1 else {
            throw Failure(
                .usage, "\(given.joined(separator: " and ")) exclude each other",
                next: "give one of them; you yourself unlock with --admin-key-file or VAULT_KEY_FILE")
        }
    }

    private func report(_ member: LedgerState.Member, _ context: Context) throws {
        let fingerprint = MemberRequest.fingerprint(of: member.signKey)
        let how =
            options.keyFile.map { "unlocked by \($0): whoever has it is \(name)" }
            ?? (options.request == nil
                ? "with a passphrase that they must replace when they first unlock"
                : "fingerprint \(fingerprint): compare it with theirs")
        try context.receipt(
            "\(name) added as \(member.role.withArticle), \(how)",
            [
                "fingerprint": .string(fingerprint), "id": .string(member.id.hex),
                "key_file": options.keyFile.map(JSON.string) ?? .null, "member": .string(name),
                "role": .string(member.role.rawValue),
            ])
    }
}
