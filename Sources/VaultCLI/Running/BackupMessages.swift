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

    static func bundle(_ fault: BundleFault) -> Failure {
        switch fault {
        case .malformed(let line):
            Failure(
                .usage, "this is no bundle: line \(line) cannot be read",
                next: "name the file that 'vault export bundle' made")
        case .cutShort:
            Failure(.damaged, "the bundle was cut short", next: "copy it again, or ask for another one")
        case .forged:
            Failure(
                .damaged, "the bundle was changed after its exporter signed it",
                next: "find out who changed it, and ask for another one")
        case .otherRecipient(let to, let yours):
            Failure(
                .refused, "the bundle is sealed to another key (\(to)) than yours (\(yours))",
                next: "import it as the member whom it is for, or ask for one with --to \(yours)")
        case .otherExporter(let name, let key):
            Failure(
                .damaged, "the bundle is signed by \(name) with another key than you named: \(key)",
                next: "compare the exporter's key with what they say")
        case .doesNotOpen(let owner, let field):
            Failure(
                .damaged, "the secret \(field) of '\(owner)' does not open: it was altered, or moved",
                next: "ask for another bundle")
        case .recipientKey:
            Failure(
                .usage, "--to takes a member's receiving key, and this is none",
                next: "64 hexadecimal digits: receive_key in 'vault member list --json' of the other vault")
        }
    }
}
