import VaultCore
import VaultLedger

// What a person reads when they, or the key that they gave, do not unlock the vault.
extension Failure {
    static func unlocking(_ error: VaultError) -> Failure {
        switch error {
        case .memberUnknown(let name, let members):
            Failure(
                .notFound, "no member is called \(name)",
                next: "the members are \(members.joined(separator: ", "))")
        case .memberNotNamed(let members):
            Failure(
                .usage, "which member are you? There are \(members.joined(separator: ", "))",
                next: "--member NAME or VAULT_MEMBER")
        case .wrongCredential(let member, let kind):
            Failure(
                .wrongKey, "this \(Self.word(kind)) does not unlock \(member)",
                next: "check that it is \(member)'s, and of this vault")
        case .noSlot(let member, let kind):
            Failure(
                .wrongKey, "\(member) has no \(Self.word(kind)) to unlock with",
                next: "vault slot list, for what there is")
        case .credentialMalformed(let kind, let why):
            Failure(.wrongKey, "this is no \(Self.word(kind)): \(why)", next: "check where it comes from")
        case .slotRefused(let member, let why): slot(member, why)
        case .outOfMemory:
            Failure(
                .unexpected, "there is not enough memory to unlock with a passphrase",
                next: "free some; it is never tried with less")
        case .grantMissing(let member, let epoch):
            Failure(
                .refused,
                "\(member) holds no grant of the master key (epoch \(epoch)), and so can open nothing",
                next: "ask an admin for a role that may open secrets")
        case .slotNotFound(let id): Failure(.notFound, "there is no slot \(id)", next: "vault slot list")
        case .lastSlot(let member):
            Failure(
                .refused,
                "this is the last slot of the last admin, \(member): without it nobody could unlock the vault",
                next: "add another one first: vault slot add")
        case .firstPassphrase(let member):
            Failure(
                .refused, "the passphrase of \(member) is still the one that an admin has chosen",
                next: "replace it first: vault slot change passphrase --member \(member)")
        case .keyFile(let path, let why, let mend):
            Failure(
                .wrongKey, "the key file \(path) cannot be used: \(why)",
                next: mend ?? "name the right file with --key-file PATH")
        default: preconditionFailure("not a failure of unlocking")
        }
    }

    private static func slot(_ member: String, _ why: VaultError.SlotRefusal) -> Failure {
        switch why {
        case .cost:
            Failure(
                .damaged,
                "the file asks for a passphrase cost outside the limits, for \(member): it was changed",
                next: "vault backup restore FILE --replace, or unlock with another slot")
        case .kind:
            Failure(
                .damaged, "the file has a way to unlock \(member) that this program does not know",
                next: "vault backup restore FILE --replace")
        case .format:
            Failure(
                .damaged, "the slot of \(member) is damaged",
                next: "vault backup restore FILE --replace, or unlock with another slot")
        case .removed:
            Failure(
                .damaged, "the file holds a slot of \(member) that the ledger says is gone",
                next: "use a present one (vault slot list); vault audit verify")
        }
    }

    private static func word(_ kind: String) -> String {
        switch kind {
        case "key-file": "key file"
        case "recovery": "recovery code"
        default: kind
        }
    }
}
