import VaultCore
import VaultRegistry

extension VaultError.UnlockError {
    var failure: Failure {
        switch self {
        case .memberUnknown(let name, let members):
            .notFound("no member is called '\(name)'").next("use one of: \(members.joined(separator: ", "))")
        case .memberUnspecified(let members):
            .usage("no member named; this vault has \(members.joined(with: "and"))")
                .next("add --member \(members.first ?? "NAME"), or set VAULT_MEMBER")
        case .wrongCredential(let member, let kind):
            .wrongKey("wrong \(Self.noun(kind)) for \(member)")
                .next("check that it belongs to \(member) and to this vault")
        case .noSlot(let member, let kind):
            .wrongKey("\(member) has no \(Self.noun(kind)) to unlock with").next("vault slot list")
        case .credentialMalformed(let kind, let why):
            .wrongKey("invalid \(Self.noun(kind)): \(why)")
                .next(kind == "recovery" ? "enter the code as it was shown" : "check where it comes from")
        case .slotRefused(let member, .cost):
            .damaged("a slot of \(member) has passphrase cost parameters outside the limits: it was changed")
                .next(Self.otherSlot)
        case .slotRefused(let member, .kind):
            .damaged("a slot of \(member) has a kind that this program does not support").next(Self.otherSlot)
        case .slotRefused(let member, .format):
            .damaged("a slot of \(member) is damaged").next(Self.otherSlot)
        case .slotRefused(let member, .removed):
            .damaged("this slot of \(member) was removed according to the ledger, but is still in the file")
                .next("unlock with another slot (vault slot list); vault audit verify")
        case .outOfMemory:
            .unexpected("not enough memory to unlock with a passphrase")
                .next("free some memory and try again; a cheaper derivation is never used")
        case .grantMissing(let member, let epoch):
            .refused("\(member) has no grant of the master key (epoch \(epoch)), and can't open secrets")
                .next("ask an admin for the role user or admin")
        case .slotNotFound(let id): .notFound("no slot has the id \(id)").next("vault slot list")
        case .lastSlot(let member):
            .refused(
                "can't remove the last slot of the last admin, \(member): the vault could not be unlocked again"
            )
            .next("vault slot add recovery, or another kind, first")
        case .mustReplacePassphrase(let member):
            .refused("\(member) must replace the first passphrase, which an admin chose")
                .next("vault slot change passphrase --member \(member)")
        case .keyFile(let path, let why, let fix):
            .wrongKey("can't use the key file \(path): \(why)")
                .next(fix ?? "name the right file with --key-file PATH")
        }
    }

    private static let otherSlot = "vault backup restore FILE --replace, or unlock with another slot"

    /// The kind of a slot, as a noun.
    private static func noun(_ kind: String) -> String {
        switch kind {
        case "key-file": "key file"
        case "recovery": "recovery code"
        default: kind
        }
    }
}
