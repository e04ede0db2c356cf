import VaultCore
import VaultLedger

// What a person reads when a member cannot be added, changed or removed.
extension Failure {
    static func members(_ error: VaultError) -> Failure {
        switch error {
        case .memberTaken(let name, let taken):
            Failure(
                .alreadyExists,
                name == taken
                    ? "there is a member called \(name) already"
                    : "\(name) looks like \(taken), who is a member",
                next: "choose another name; vault member list")
        case .alreadyMember(let name):
            Failure(
                .alreadyExists, "whoever made this request is a member already: \(name)",
                next: "vault member role \(name) ROLE, to give them another role")
        case .requestRefused(let misfit): request(misfit)
        case .sameRole(let member, let role):
            Failure(.usage, "\(member) is \(role.withArticle) already", next: "vault member list")
        case .lastAdmin(let member):
            Failure(
                .refused,
                "\(member) is the last admin who can unlock: without one nobody could add members or change keys",
                next: "make another one first: vault member role NAME admin")
        case .notForOneself(let member):
            Failure(
                .refused,
                "\(member) would make the very master key that is to keep \(member) out",
                next: "another admin has to do it")
        case .memberChanged(let name):
            Failure(
                .busy, "\(name) was changed by somebody else meanwhile; nothing was done",
                next: "look again (vault member list) and repeat")
        default: preconditionFailure("not a failure about members")
        }
    }

    private static func request(_ misfit: MemberRequest.Misfit) -> Failure {
        switch misfit {
        case .malformed:
            Failure(
                .usage, "this is no request to join a vault",
                next: "name the file that 'vault member request --out FILE' made")
        case .altered:
            Failure(
                .damaged, "the request was changed after it was made",
                next: "ask for it again, on a way that nobody else can write to, and compare its fingerprint")
        case .otherVault:
            Failure(
                .usage, "the request is for another vault",
                next: "ask for one of this vault: vault member request, with its file or a checkpoint of it")
        }
    }
}
