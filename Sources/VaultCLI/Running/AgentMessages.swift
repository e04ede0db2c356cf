import VaultCore

// What a person reads when an agent could not do what it was asked.
extension Failure {
    static func agent(_ fault: AgentFault) -> Failure {
        switch fault {
        case .locked: Failure(.locked, "the vault is locked", next: "vault unlock")
        case .lockedMeanwhile:
            Failure(.locked, "the vault was locked while this went on", next: "vault unlock, and try again")
        case .otherMember(let open, let wanted):
            Failure(
                .refused, "the vault is unlocked as \(open), not as \(wanted)",
                next: "vault lock, then vault unlock --member \(wanted)")
        case .older(let version):
            Failure(
                .unexpected, "the agent that runs is of an older version, \(version)",
                next: "vault lock, then vault unlock, to have one of this version")
        case .newer(let version):
            Failure(
                .unexpected, "the agent that runs is of a newer version, \(version)",
                next: "use the newer vault; or vault lock, then vault unlock")
        case .foreign(let path, let why):
            Failure(
                .damaged, "\(path) is not safe to use: \(why)",
                next: "find out who put it there; another place is taken with XDG_RUNTIME_DIR")
        case .pathTooLong(let path, let limit):
            Failure(
                .usage,
                "the agent's socket would be \(path), longer than the \(limit) bytes that the system takes",
                next: "set XDG_RUNTIME_DIR to a shorter path")
        case .running(let path):
            Failure(
                .busy, "an agent of this vault runs already, at \(path)", next: "vault status; vault lock")
        case .noAnswer(let path, let why):
            Failure(.busy, "the agent at \(path) cannot be asked: \(why)", next: "vault lock; vault doctor")
        case .gone:
            Failure(
                .unexpected, "the agent ended before it answered; whether anything was changed is not known",
                next: "vault audit log --limit 5")
        case .goneAfterChange(let seq):
            Failure(
                .done, "the agent ended before it answered; the change is done, see entry \(seq)",
                next: "vault audit show \(seq)")
        case .goneWithoutChange:
            Failure(
                .unexpected, "the agent ended before it answered; nothing was changed",
                next: "vault unlock, then try again")
        case .malformed, .unknownQuestion:
            Failure(
                .unexpected, "the agent and this program do not understand each other",
                next: "vault lock, then vault unlock, to have an agent of this version")
        case .overloaded:
            Failure(
                .busy, "this is more than the agent takes at once",
                next: "unlock for this command: --key-file PATH or --passphrase-from SOURCE"
            )
        case .programMissing(let looked):
            Failure(
                .unexpected,
                "the program vault-agent is not there; looked for: \(looked.joined(separator: ", "))",
                next: "install it beside vault: make install")
        case .notStarted(let path, let why):
            Failure(.unexpected, "\(path) cannot be started: \(why)", next: "vault doctor")
        }
    }
}
