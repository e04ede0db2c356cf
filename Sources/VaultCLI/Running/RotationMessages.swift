import VaultCore
import VaultLedger

// What a person reads when a rotation of a credential cannot go on. Nothing was changed in any of these.
extension Failure {
    static func rotation(_ fault: RotationFault) -> Failure {
        switch fault {
        case .underWay(let owner, let fields, let by, let since):
            Failure(
                .busy,
                "a rotation of \(fields.joined(separator: ", ")) of '\(owner)' is going on: \(by) started it on \(since.text)",
                next: "vault rotate status '\(owner)'; to take it over, with a new value: --replace")
        case .nothingPending(let owner):
            Failure(
                .usage, "no rotation of '\(owner)' is going on",
                next: "vault rotate start '\(owner)' --secret FIELD=SOURCE")
        case .untested(let owner):
            Failure(
                .refused, "what is pending of '\(owner)' has not passed its test",
                next: "vault rotate test '\(owner)'; or --untested, which the ledger is told")
        case .settingsEdited(let owner, let by, let at):
            Failure(
                .refused,
                "\(by) edited the settings of '\(owner)' on \(at.text); what was pending was sealed to the old ones, and is gone",
                next: "enter it again: vault rotate start '\(owner)' --secret FIELD=SOURCE")
        case .overtaken(let owner, let field, let by, let at):
            Failure(
                .refused,
                "\(by) set \(field) of '\(owner)' on \(at.text), after this rotation was started: what is pending is older",
                next: "vault rotate abort '\(owner)', or start again with a newer value: --replace")
        case .replacedMeanwhile(let owner):
            Failure(
                .busy, "what is pending of '\(owner)' is not what was tested: somebody replaced it meanwhile",
                next: "vault rotate status '\(owner)'; then vault rotate test '\(owner)'")
        case .noPrevious(let owner, let field):
            Failure(
                .notFound, "\(field) of '\(owner)' has no previous version to go back to",
                next:
                    "vault secret versions '\(owner)'; a destroyed one must be entered again: vault secret set"
            )
        case .versionIsCurrent(let owner, let field, let version):
            Failure(
                .refused,
                "version \(version) of \(field) of '\(owner)' is the current one, and is not destroyed",
                next: "replace it first (vault rotate), or remove the connection")
        case .noSuchVersion(let owner, let field, let version, let versions):
            Failure(
                .notFound, "\(field) of '\(owner)' has no version \(version)",
                next:
                    "there is \(versions.map(String.init).joined(separator: ", ")); vault secret versions '\(owner)'"
            )
        case .clockWentBack(let owner, let now, let seen):
            Failure(
                .refused,
                "the clock of this machine says \(now.text), but '\(owner)' was changed on \(seen.text): one of the two is wrong",
                next: "set the clock right; if it was the other one: vault rotate abort, and start again")
        case .expiryPast(let time):
            Failure(.usage, "\(time.text) is in the past", next: "give a time to come")
        }
    }
}
