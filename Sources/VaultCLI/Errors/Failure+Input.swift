import VaultCore

extension VaultError.InputError {
    var failure: Failure {
        switch self {
        case .notFound(let kind, let name, let nearest):
            .notFound("no \(kind.noun) is called '\(name)'" + nearest.suggestion)
                .next("vault \(kind.rawValue) list")
        case .alreadyExists(let kind, let name, let taken):
            .alreadyExists(nameConflict(kind.noun, name, by: taken))
                .next("choose another name, or: vault \(kind.rawValue) edit '\(taken)'")
        case .invalid(let problems): Failure(problems)
        case .secretsNeeded(let owner, let fields):
            Failure(
                .usage,
                problems: fields.map { field in
                    .init(
                        "editing '\(owner)' needs \(field) again",
                        next: "add --secret \(field)=prompt; the stored one is sealed to the old settings")
                })
        case .nothingToDo(let name):
            .usage("no change to '\(name)'")
                .next(
                    "add a change: --set KEY=VALUE for edit, or --tag team=finance or --note TEXT for annotate"
                )
        case .changedConcurrently(let name):
            .busy("'\(name)' was changed by another command; nothing was done")
                .next("look at it again and repeat")
        case .clientInUse(let name, let users, let change):
            .refused("'\(name)' can't be \(change): used by \(users.quoted)")
                .next("change or remove these connections first; vault client used-by '\(name)'")
        case .depositUnusable(let owner, let field):
            .damaged("the deposited \(field) of '\(owner)' does not open, or is not valid")
                .next(
                    "enter it again: vault secret set '\(owner)' \(field); vault connection history '\(owner)' shows who deposited it"
                )
        case .noSuchSecret(let owner, _, let fields):
            // The name is not repeated: it may be a mistyped secret (case 96).
            .notFound("'\(owner)' has no secret with that name")
                .next(
                    fields.isEmpty
                        ? "with its settings, '\(owner)' has no secrets"
                        : "use one of: \(fields.joined(separator: ", "))")
        case .entryNotFound(let seq):
            .notFound("the ledger has no entry \(seq)").next("vault audit log")
        }
    }
}

/// What is wrong with a name for a new `noun`.
func nameConflict(_ noun: String, _ name: String, by taken: String) -> String {
    name == taken
        ? "\(noun) '\(name)' already exists" : "'\(name)' is too similar to the existing \(noun) '\(taken)'"
}
