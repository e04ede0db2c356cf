import VaultCore
import VaultLedger

extension VaultError.MemberError {
    var failure: Failure {
        switch self {
        case .nameTaken(let name, let taken):
            .alreadyExists(nameConflict("member", name, by: taken))
                .next("choose another name; vault member list")
        case .alreadyMember(let name):
            .alreadyExists("the identity in this request is already a member: \(name)")
                .next("vault member role \(name) ROLE, to change the role")
        case .requestRefused(let fault): fault.failure
        case .sameRole(let member, let role):
            .usage("\(member) is already \(role.withArticle)").next("vault member list")
        case .lastAdmin(let member):
            .refused("\(member) is the last admin who can unlock; the vault needs one")
                .next("make another member an admin first: vault member role MEMBER admin")
        case .notForOneself(let member):
            .refused("\(member) can't make the new master key that is to exclude \(member)")
                .next("ask another admin to do it")
        case .changed(let name):
            .busy("member \(name) was changed by another command; nothing was done")
                .next("vault member list; then repeat")
        }
    }
}

extension MemberRequestError {
    var failure: Failure {
        switch self {
        case .malformed:
            .usage("not a request to join a vault")
                .next("name a file made by: vault member request --out FILE")
        case .altered:
            .damaged("the request was changed after it was made")
                .next(
                    "ask for it again over a channel that others can't write to, and compare its fingerprint")
        case .otherVault:
            .usage("the request is for another vault")
                .next("ask for one made with this vault's file or a checkpoint of it: vault member request")
        }
    }
}
