import VaultCore
import VaultRegistry

extension Failure {
    init(_ error: VaultError.UnlockError) {
        switch error {
        case .memberUnknown(let name, let members):
            self.init(
                .notFound, "no member is called '\(name)'",
                next: "use one of: \(members.joined(separator: ", "))")
        case .memberUnspecified(let members):
            self.init(
                .usage, "no member named; this vault has \(members.joined(with: "and"))",
                next: "add --member \(members.first ?? "NAME"), or set VAULT_MEMBER")
        case .wrongCredential(let member, let kind):
            self.init(
                .wrongKey, "wrong \(Self.noun(kind)) for \(member)",
                next: "check that it belongs to \(member) and to this vault")
        case .noSlot(let member, let kind):
            self.init(
                .wrongKey, "\(member) has no \(Self.noun(kind)) to unlock with", next: "vault slot list")
        case .credentialMalformed(let kind, let why):
            self.init(
                .wrongKey, "invalid \(Self.noun(kind)): \(why)",
                next: kind == "recovery" ? "enter the code as it was shown" : "check where it comes from")
        case .slotRefused(let member, let why): self.init(slotOf: member, why)
        case .outOfMemory:
            self.init(
                .unexpected, "not enough memory to unlock with a passphrase",
                next: "free some memory and try again; a cheaper derivation is never used")
        case .grantMissing(let member, let epoch):
            self.init(
                .refused, "\(member) has no grant of the master key (epoch \(epoch)), and can't open secrets",
                next: "ask an admin for the role user or admin")
        case .slotNotFound(let id): self.init(.notFound, "no slot has the id \(id)", next: "vault slot list")
        case .lastSlot(let member):
            self.init(
                .refused,
                "can't remove the last slot of the last admin, \(member): the vault could not be unlocked again",
                next: "vault slot add recovery, or another kind, first")
        case .mustReplacePassphrase(let member):
            self.init(
                .refused, "\(member) must replace the first passphrase, which an admin chose",
                next: "vault slot change passphrase --member \(member)")
        case .keyFile(let path, let why, let fix):
            self.init(
                .wrongKey, "can't use the key file \(path): \(why)",
                next: fix ?? "name the right file with --key-file PATH")
        }
    }

    private init(slotOf member: String, _ why: VaultError.SlotRefusal) {
        switch why {
        case .cost:
            self.init(
                .damaged,
                "a slot of \(member) has passphrase cost parameters outside the limits: it was changed",
                next: "vault backup restore FILE --replace, or unlock with another slot")
        case .kind:
            self.init(
                .damaged, "a slot of \(member) has a kind that this program does not support",
                next: "vault backup restore FILE --replace, or unlock with another slot")
        case .format:
            self.init(
                .damaged, "a slot of \(member) is damaged",
                next: "vault backup restore FILE --replace, or unlock with another slot")
        case .removed:
            self.init(
                .damaged,
                "this slot of \(member) was removed according to the ledger, but is still in the file",
                next: "unlock with another slot (vault slot list); vault audit verify")
        }
    }

    /// The kind of a slot, as a noun.
    private static func noun(_ kind: String) -> String {
        switch kind {
        case "key-file": "key file"
        case "recovery": "recovery code"
        default: kind
        }
    }
}
