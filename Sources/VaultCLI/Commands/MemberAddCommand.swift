import ArgumentParser
import VaultCore
import VaultLedger

/// `vault member add`: adds a member by their request, or with a credential that the admin creates.
struct MemberAddCommand: ParsableCommand, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a member.",
        discussion: """
            Prefer --request: then only the new member has ever had their key. Compare the printed fingerprint with the one \
            that they were shown.
            """)

    static let examples = [
        "vault member add bo --role writer --request bo.request",
        "vault member add build-server --role user --key-file build-server.key",
    ]

    @Argument(help: "The new member's name: 1 to 64 of a-z, 0-9, '.', '_' and '-'.") var name: String
    @Option(help: "The role: admin, user, writer or auditor.") var role: String
    @OptionGroup var newMember: NewMemberOptions
    @OptionGroup(title: "Global options") var options: OptionsToUnlock<Admin>

    func run() throws {
        let context = Context(options.values)
        let role = try Role(argument: role)
        try checkCredentialOptions()
        let request = try newMember.request.map { try TextFile.contents(of: $0) }
        let first = try newMember.passphraseFrom.map {
            try SecretRequest.newPassphrase(from: $0, option: "--passphrase-from", of: name)
        }
        let secrets = try CommandSecrets(context, [first].compactMap(\.self))
        let vault = try context.open()
        let access = try secrets.access(context, to: vault)
        let made = try newCredential(secrets)
        let member = try context.change(with: made?.newFiles ?? NewFiles()) {
            let joining = made.map { AddMember.Joining.credential($0.credential) }
            return try access.perform(AddMember(name, role, by: joining ?? .request(request ?? "")))
        }
        try report(member, context)
    }

    /// Nil for a request, which has its own credential.
    private func newCredential(_ secrets: CommandSecrets) throws -> NewCredential? {
        if let path = newMember.keyFile { return try .keyFile(path) }
        return newMember.request == nil ? try secrets.newCredential() : nil
    }

    private func checkCredentialOptions() throws {
        let given = [
            ("--request", newMember.request), ("--key-file", newMember.keyFile),
            ("--passphrase-from", newMember.passphraseFrom),
        ].filter { $0.1 != nil }.map(\.0)
        try require(
            !given.isEmpty, "missing the new member's credential",
            next: "use --request FILE (recommended: vault member request), --key-file PATH or "
                + "--passphrase-from SOURCE")
        try require(
            given.count == 1, "\(given.joined(separator: " and ")) can't be combined",
            next: "use one of them; to unlock yourself, use --admin-key-file or VAULT_KEY_FILE")
    }

    private func report(_ member: LedgerState.Member, _ context: Context) throws {
        let fingerprint = MemberRequest.fingerprint(of: member.signKey)
        let how =
            newMember.keyFile.map { "with the key file \($0); hand it over, and keep no copy" }
            ?? (newMember.request == nil
                ? "with a passphrase that they must replace when they first unlock"
                : "with the fingerprint \(fingerprint); compare it with theirs")
        try context.receipt(
            "\(name) added as \(member.role.withArticle) \(how)",
            [
                "fingerprint": fingerprint, "id": member.id, "key_file": newMember.keyFile.orNull,
                "member": name, "role": member.role,
            ])
    }
}
