import VaultCore
import VaultLedger

// What a person reads when a backup is not made, or not put back.
extension Failure {
    static func backup(_ error: VaultError) -> Failure {
        switch error {
        case .noFile(let path): Failure(.notFound, "there is no file \(path)", next: "check the path")
        case .fileExists(let path):
            Failure(
                .alreadyExists, "\(path) is there already, and is not written over", next: "name another file"
            )
        case .backupCutShort(let path, let found, let whole):
            Failure(
                .damaged, "the backup \(path) was cut short: \(found) bytes are there, of at least \(whole)",
                next: "take another one; check how it was copied, and the room on that disk")
        case .kept(let path):
            Failure(
                .alreadyExists, "there is a vault at \(path), and it is kept",
                next: "--replace, to put the backup in its place; or name another place with --vault PATH")
        case .cannotReplace(let path, let why):
            Failure(
                .refused, "\(path) is not replaced: \(why)",
                next:
                    "move it away, with its -wal and -shm if there are any, and restore again; or name another place with --vault PATH"
            )
        case .backInTime(let entries, let seen, let at):
            Failure(
                .damaged,
                "the backup goes back in time: it has \(entries) entries, and you have seen \(seen) on \(at.text); nothing was changed",
                next: "take a newer one; or, if you know why, --accept as an admin, which is an entry")
        case .backupForked(let entries, let seen, let at):
            Failure(
                .damaged,
                "the backup, with \(entries) entries, is not of the history that you have seen (\(seen) entries on \(at.text)); nothing was changed",
                next:
                    "find out where it comes from; if it is the true one, --accept as an admin, which is an entry"
            )
        default: preconditionFailure("not a failure of a backup")
        }
    }
}
