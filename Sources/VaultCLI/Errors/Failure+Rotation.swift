import VaultCore
import VaultLedger

// Nothing was changed by any of these.
extension RotationFault {
    var failure: Failure {
        switch self {
        case .underWay(let owner, let fields, let by, let since):
            .busy(
                "a rotation of \(fields.joined(separator: ", ")) of '\(owner)' is in progress, started by \(by) on \(since.text)"
            )
            .next("vault rotate status '\(owner)'; to start over with a new value, add --replace")
        case .nothingPending(let owner, let fields):
            .usage("no rotation of '\(owner)' is in progress")
                .next("vault rotate start '\(owner)' \(fields.secretOptions)")
        case .untested(let owner):
            .refused("the pending secret of '\(owner)' has not passed its test")
                .next("vault rotate test '\(owner)'; or add --untested, which is recorded in the ledger")
        case .settingsEdited(let owner, let fields, let by, let at):
            .refused(
                "the pending secret of '\(owner)' was sealed to the old settings and destroyed when \(by) edited them on \(at.text)"
            )
            .next("enter it again: vault rotate start '\(owner)' \(fields.secretOptions)")
        case .overtaken(let owner, let field, let by, let at):
            .refused("\(by) set a newer \(field) of '\(owner)' on \(at.text), after this rotation started")
                .next("vault rotate abort '\(owner)', or start again with a newer value and --replace")
        case .replacedSinceTest(let owner):
            .busy("the pending secret of '\(owner)' was replaced since the test")
                .next("vault rotate status '\(owner)'; then vault rotate test '\(owner)'")
        case .noPrevious(let owner, let field):
            .notFound("\(field) of '\(owner)' has no previous version to roll back to")
                .next(
                    "vault secret versions '\(owner)'; enter a destroyed one again: vault secret set '\(owner)' \(field)"
                )
        case .versionIsCurrent(let owner, let field, let version):
            .refused("can't destroy version \(version) of \(field) of '\(owner)': it is the current one")
                .next("replace it first (vault rotate '\(owner)'), or remove '\(owner)'")
        case .noSuchVersion(let owner, let field, let version, let versions):
            .notFound("\(field) of '\(owner)' has no version \(version)")
                .next(
                    "it has \(versions.map(String.init).joined(separator: ", ")); vault secret versions '\(owner)'"
                )
        case .clockWentBack(let owner, let now, let seen):
            .refused(
                "the clock of this machine shows \(now.text), but '\(owner)' was changed on \(seen.text): one of them is wrong"
            )
            .next(
                "correct the clock; if the other one was wrong, vault rotate abort '\(owner)' and start again"
            )
        case .expiryPast(let time):
            .usage("\(time.text) is in the past").next("use a future date")
        }
    }
}

extension VaultError.MasterKeyError {
    var failure: Failure {
        switch self {
        case .rotationInProgress:
            .busy("another rotation of the master key is in progress").next("wait for it; vault key status")
        case .nothingToResume:
            .usage("no interrupted rotation to resume").next("vault key rotate")
        case .rotationStopped(let epoch, let cause):
            Failure(
                cause.failure.code, "the rotation to epoch \(epoch) has begun and stopped: \(cause.cause)",
                next: cause.isOfFileContent
                    ? "vault audit verify, which lists every fault; then vault key rotate --resume"
                    : "vault key rotate --resume, when that is fixed")
        case .secretsNotResealed(let secrets, let left) where secrets.isEmpty:
            .damaged("\(counted(left, "secret")) still under the old master key")
                .next("vault key rotate --resume")
        case .secretsNotResealed(let secrets, let left):
            .damaged(
                "\(counted(left, "secret")) left under the old master key, because the seal does not open: "
                    + secrets.prefix(20).joined(separator: "; ")
            )
            .next(
                "replace them (vault secret set), or remove their connections; then vault key rotate --resume"
            )
        }
    }
}

extension [String] {
    /// An option for each of these fields, such as `--secret app-key=prompt`.
    var secretOptions: String {
        (isEmpty ? ["FIELD"] : self).map { "--secret \($0)=prompt" }.joined(separator: " ")
    }
}

extension VaultError {
    /// Whether the content of the file is at fault, so that the same command would fail again.
    fileprivate var isOfFileContent: Bool {
        switch self {
        case .file(.damaged), .integrity(.ledger), .integrity(.tampered): true
        default: false
        }
    }
}
