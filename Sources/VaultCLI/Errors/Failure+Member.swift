import VaultCore
import VaultLedger

extension Failure {
    init(_ error: VaultError.MemberError) {
        switch error {
        case .nameTaken(let name, let taken):
            self.init(
                .alreadyExists,
                name == taken
                    ? "member '\(name)' already exists"
                    : "'\(name)' is too similar to the existing member '\(taken)'",
                next: "choose another name; vault member list")
        case .alreadyMember(let name):
            self.init(
                .alreadyExists, "the identity in this request is already a member: \(name)",
                next: "vault member role \(name) ROLE, to change the role")
        case .requestRefused(let fault): self.init(fault)
        case .sameRole(let member, let role):
            self.init(.usage, "\(member) is already \(role.withArticle)", next: "vault member list")
        case .lastAdmin(let member):
            self.init(
                .refused, "\(member) is the last admin who can unlock; the vault needs one",
                next: "make another member an admin first: vault member role MEMBER admin")
        case .notForOneself(let member):
            self.init(
                .refused, "\(member) can't make the new master key that is to exclude \(member)",
                next: "ask another admin to do it")
        case .changed(let name):
            self.init(
                .busy, "member \(name) was changed by another command; nothing was done",
                next: "vault member list; then repeat")
        }
    }

    private init(_ fault: MemberRequestError) {
        switch fault {
        case .malformed:
            self.init(
                .usage, "not a request to join a vault",
                next: "name a file made by: vault member request --out FILE")
        case .altered:
            self.init(
                .damaged, "the request was changed after it was made",
                next:
                    "ask for it again over a channel that others can't write to, and compare its fingerprint")
        case .otherVault:
            self.init(
                .usage, "the request is for another vault",
                next: "ask for one made with this vault's file or a checkpoint of it: vault member request")
        }
    }
}
