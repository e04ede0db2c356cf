import VaultCore
import VaultLedger

extension Failure {
    init(_ error: VaultError.AccessError) {
        switch error {
        case .forbidden(let member, let role, let action):
            self.init(
                .refused, "\(member) is \(role.withArticle), a role that does not allow \(action.rawValue)",
                next: "ask an admin; the attempt is recorded in the ledger")
        case .noLongerMember(let name):
            self.init(.refused, "\(name) is no longer a member of this vault", next: "ask an admin")
        case .useRefused(let name, _, let use, let allowed):
            self.init(
                .refused, "the policy of '\(name)' does not allow \(use.rawValue)",
                next: (allowed.isEmpty
                    ? "it allows no use; ask an admin"
                    : "it allows \(allowed.map(\.rawValue).joined(separator: ", "))")
                    + "; the attempt is recorded in the ledger")
        case .pathRefused(let name, _, let method, let path, let rules):
            self.init(
                .refused, "the policy of '\(name)' does not allow \(method) \(path)",
                next: "it allows \(rules.joined(separator: ", ")); the attempt is recorded in the ledger")
        case .headerRefused(let name, _, let header):
            self.init(
                .refused,
                "the policy of '\(name)' restricts paths, and the header \(header) can change where a request goes",
                next: "leave out the header; the attempt is recorded in the ledger")
        case .hostRefused(let name, _, let host):
            self.init(
                .refused, "'\(host)' is not an allowed host of '\(name)'; nothing was sent",
                next: "vault connection show '\(name)'; the attempt is recorded in the ledger")
        }
    }
}

extension Role {
    /// For a sentence: `an admin`, `a user`.
    var withArticle: String { (self == .admin || self == .auditor ? "an " : "a ") + rawValue }
}
