import VaultCore

// What went wrong with the vault's file.
extension Failure {
    static func file(_ error: VaultError) -> Failure {
        switch error {
        case .noVault(let path):
            Failure(
                .noVault, "there is no vault at \(path)",
                next: "vault init, to make one; or name another with --vault PATH or VAULT_FILE")
        case .vaultExists(let path):
            Failure(
                .alreadyExists, "there is a vault at \(path) already",
                next: "use it, or name another with --vault PATH")
        case .unsafePath(let path, let why, let mend):
            Failure(
                .damaged, "\(path) is not safe to use: \(why)",
                next: mend ?? "name the vault's file with --vault PATH or VAULT_FILE")
        case .notAVault(let path):
            Failure(
                .damaged, "\(path) is not a vault",
                next: "name the right file with --vault PATH or VAULT_FILE")
        case .tooNew(let path, let version):
            Failure(
                .damaged, "\(path) has form \(version), which this program is too old for",
                next: "install a newer vault")
        case .alteredSchema(let path, let object):
            Failure(
                .damaged, "the tables of \(path) were changed outside the vault: \(object)",
                next:
                    "find out who changed the file; vault backup restore FILE --replace, or remove what was added"
            )
        case .damaged(let path, let detail):
            Failure(
                .damaged, "\(path) is damaged: \(detail)",
                next: "keep the file for an investigation; vault backup restore FILE --replace")
        case .searchIndex(let isRebuilt):
            isRebuilt
                ? Failure(
                    .damaged, "the search index was damaged, and has been made again; nothing was imported",
                    next: "run the same command again")
                : Failure(
                    .damaged, "the search index of this vault is damaged", next: "vault doctor --repair")
        case .busy(let path):
            Failure(
                .busy, "another program kept \(path) busy for half a minute", next: "try again; vault doctor")
        case .moved(let path):
            Failure(
                .busy, "\(path) was moved or replaced while it was open; nothing was changed",
                next: "try again; where an agent has the vault open, first: vault lock")
        case .inUse(let path):
            Failure(
                .busy, "another program has \(path) open, so it is not replaced",
                next: "end it (vault lock, for the agent) and try again")
        case .full:
            Failure(
                .unexpected, "\(error.cause); nothing was changed", next: "free some space, then try again")
        case .readOnly:
            Failure(
                .unexpected, "\(error.cause); nothing was changed",
                next:
                    "check the permissions of the file and its folder, and whether the file system is read-only"
            )
        case .readOnlyLog(let path):
            Failure(
                .unexpected,
                "can't read \(path): its write-ahead log holds changes, and the file system is read-only",
                next: "copy \(path) and \(path)-wal into a writable folder of mode 700, and use --vault there"
            )
        case .io(let path, let why):
            Failure(
                .unexpected, path.isEmpty ? why : "\(path): \(why)",
                next: "check the disk and the folder; vault doctor")
        case .outcomeUnknown(let path, let why):
            Failure(
                .unexpected,
                "\(path): the disk failed while the change was saved (\(why)); whether it is saved is not known",
                next:
                    "check the disk; then vault audit log --limit 5. New key files and recovery codes were kept"
            )
        default: preconditionFailure("not a failure of the file")
        }
    }
}
