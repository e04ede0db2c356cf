import VaultCore

extension Failure {
    init(_ error: VaultError.InputError) {
        switch error {
        case .notFound(let kind, let name, let nearest):
            self.init(
                .notFound, "no \(kind.noun) is called '\(name)'" + nearest.suggestion,
                next: "vault \(kind.rawValue) list")
        case .alreadyExists(let kind, let name, let taken):
            self.init(
                .alreadyExists, Self.nameTaken(kind, name, by: taken),
                next: "choose another name, or: vault \(kind.rawValue) edit '\(taken)'")
        case .invalid(let problems): self.init(problems)
        case .secretsNeeded(let owner, let fields):
            self.init(
                .usage,
                problems: fields.map { field in
                    Problem(
                        "editing '\(owner)' needs \(field) again",
                        next: "add --secret \(field)=prompt; the stored one is sealed to the old settings")
                })
        case .nothingToDo(let name):
            self.init(
                .usage, "no change to '\(name)'",
                next:
                    "add a change: --set KEY=VALUE for edit, or --tag team=finance or --note TEXT for annotate"
            )
        case .changedConcurrently(let name):
            self.init(
                .busy, "'\(name)' was changed by another command; nothing was done",
                next: "look at it again and repeat")
        case .clientInUse(let name, let users, let change):
            self.init(
                .refused, "'\(name)' can't be \(change): used by \(users.quoted)",
                next: "change or remove these connections first; vault client used-by '\(name)'")
        case .depositUnusable(let owner, let field):
            self.init(
                .damaged, "the deposited \(field) of '\(owner)' does not open, or is not valid",
                next:
                    "enter it again: vault secret set '\(owner)' \(field); vault connection history '\(owner)' shows who deposited it"
            )
        case .noSuchSecret(let owner, _, let fields):
            self.init(
                // The name is not repeated: it may be a mistyped secret (case 96).
                .notFound, "'\(owner)' has no secret with that name",
                next: fields.isEmpty
                    ? "with its settings, '\(owner)' has no secrets"
                    : "use one of: \(fields.joined(separator: ", "))")
        case .entryNotFound(let seq):
            self.init(.notFound, "the ledger has no entry \(seq)", next: "vault audit log")
        }
    }

    static func nameTaken(_ kind: OwnerKind, _ name: String, by taken: String) -> String {
        name == taken
            ? "\(kind.noun) '\(name)' already exists"
            : "'\(name)' is too similar to the existing \(kind.noun) '\(taken)'"
    }
}
