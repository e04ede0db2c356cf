import VaultCore
import VaultLedger
import VaultRegistry

extension VaultError.AccessError {
    var failure: Failure {
        switch self {
        case .forbidden(let member, let role, let action):
            .refused("\(member) has the role \(role.rawValue), which does not allow \(action.command)")
                .next("ask an admin; the attempt is recorded in the ledger")
        case .noLongerMember(let name):
            .refused("\(name) is no longer a member of this vault").next("ask an admin")
        case .useRefused(let name, _, let use, let allowed):
            .refused("the policy of '\(name)' does not allow \(use.rawValue)")
                .next(
                    (allowed.isEmpty
                        ? "ask an admin"
                        : "use \(allowed.map { "vault \($0.rawValue)" }.joined(with: "or")), or ask an admin")
                        + ": vault connection annotate '\(name)' --allow "
                        + (allowed + [use]).map(\.rawValue).joined(separator: ","))
        case .pathRefused(let name, _, let method, let path, let rules):
            .refused("the policy of '\(name)' does not allow \(method) \(path)")
                .next(
                    "use a path that matches \(rules.joined(with: "or")), or ask an admin for another --allow-path"
                )
        case .headerRefused(let name, _, let header):
            .refused(
                "the policy of '\(name)' restricts paths, and the header \(header) can change where a request goes"
            )
            .next("leave out the header; the attempt is recorded in the ledger")
        case .hostRefused(let name, _, let host):
            .refused("'\(host)' is not an allowed host of '\(name)'; nothing was sent")
                .next("vault connection show '\(name)'; the attempt is recorded in the ledger")
        }
    }
}

extension Action {
    /// The words of the command, as far as they are those of the action: `exec`, `connection create`.
    fileprivate var command: String {
        if let use { return use }
        return switch self {
        case .allowUses: "connection annotate --allow"
        case .startRotation, .testRotation, .finishRotation, .abortRotation:
            "rotate " + rawValue.dropFirst("rotation.".count)
        default: rawValue.split(separator: ".").joined(separator: " ")
        }
    }
}

extension Role {
    /// For a sentence: `an admin`, `a user`.
    var withArticle: String { (self == .admin || self == .auditor ? "an " : "a ") + rawValue }
}
