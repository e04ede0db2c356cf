import VaultCore

extension AgentFault: ReportableError {
    var failure: Failure {
        switch self {
        case .locked: .locked("the vault is locked").next("vault unlock")
        case .lockedDuringRequest:
            .locked("the vault was locked during the request").next("vault unlock, and try again")
        case .otherMember(let open, let wanted):
            .refused("the vault is unlocked as \(open), not as \(wanted)")
                .next("vault lock && vault unlock --member \(wanted)")
        case .older(let version):
            .unexpected("the running agent has an older version, \(version)")
                .next("vault lock && vault unlock, to start one of this version")
        case .newer(let version):
            .unexpected("the running agent has a newer version, \(version)")
                .next("use the newer vault program; or vault lock && vault unlock")
        case .foreign(let path, let why):
            .damaged("\(path) is not safe to use: \(why)")
                .next("find out who created it; XDG_RUNTIME_DIR names another folder")
        case .pathTooLong(let path, let limit):
            .usage(
                "the path of the agent's socket, \(path), is longer than the system's limit of \(limit) bytes"
            )
            .next("set XDG_RUNTIME_DIR to a shorter path")
        case .running(let path):
            .busy("an agent of this vault is already running, at \(path)").next("vault status; vault lock")
        case .noAnswer(let path, let why):
            .busy("can't reach the agent at \(path): \(why)").next("vault lock; vault doctor")
        case .gone:
            .unexpected("the agent ended before it answered; whether anything was changed is not known")
                .next("vault audit log --limit 5")
        case .goneAfterChange(let seq):
            Failure(.done, "the agent ended before it answered; the change is done, see entry \(seq)")
                .next("vault audit show \(seq)")
        case .goneWithoutChange:
            .unexpected("the agent ended before it answered; nothing was changed")
                .next("vault unlock, then try again")
        case .malformed, .unknownRequest:
            .unexpected("the agent sent or received an invalid message")
                .next("vault lock && vault unlock, to start an agent of this version")
        case .overloaded:
            .busy("the request is too large for the agent")
                .next("unlock for this command: --key-file PATH or --passphrase-from SOURCE")
        case .programMissing(let looked):
            .unexpected("can't find the program vault-agent; looked for: \(looked.joined(separator: ", "))")
                .next("install it in the folder of vault: make install")
        case .notStarted(let path, let why):
            .unexpected("can't start \(path): \(why)").next("vault doctor")
        }
    }
}
