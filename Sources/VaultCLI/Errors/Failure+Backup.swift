import VaultCore
import VaultLedger

extension VaultError.BackupError {
    var failure: Failure {
        switch self {
        case .noFile(let path): .notFound("no such file: \(path)").next("check the path")
        case .fileExists(let path):
            .alreadyExists("\(path) already exists, and is never overwritten").next("name another file")
        case .truncated(let path, let found, let whole):
            .damaged("the backup \(path) is truncated: found \(found) bytes, expected at least \(whole)")
                .next("use another backup; check how it was copied, and the free space on that disk")
        case .vaultInPlace(let path):
            .alreadyExists("a vault already exists at \(path); it was not replaced")
                .next("add --replace to replace it, or restore to another place with --vault PATH")
        case .cannotReplace(let path, let why):
            .refused("can't replace \(path): \(why)")
                .next("move it away, with its -wal and -shm files, and restore again; or use --vault PATH")
        case .olderThanSeen(let entries, let seen, let at):
            .damaged(
                "the backup is out of date: it has \(counted(entries, "entry", plural: "entries")), and you saw "
                    + "\(seen) on \(at.text); nothing was changed"
            )
            .next("use a newer backup; or, if you know why, --accept as an admin, which the ledger records")
        case .forked(let entries, let seen, let at):
            .damaged(
                "the backup, with \(counted(entries, "entry", plural: "entries")), has another history than the one you "
                    + "saw (\(seen) on \(at.text)); nothing was changed"
            )
            .next(
                "find out where it comes from; if it is the right one, --accept as an admin, which the ledger records"
            )
        }
    }
}

extension BundleFault {
    var failure: Failure {
        switch self {
        case .malformed(let line):
            .usage("not a bundle: can't parse line \(line)").next("name a file made by: vault export bundle")
        case .truncated:
            .damaged("the bundle is truncated").next("copy it again, or ask for another one")
        case .forged:
            .damaged("the bundle was changed after its exporter signed it")
                .next("find out who changed it, and ask for another one")
        case .otherRecipient(let to, let yours):
            .refused("the bundle is sealed to another key (\(to)), not to yours (\(yours))")
                .next("import it as the member it was made for, or ask for one with --to \(yours)")
        case .otherExporter(let name, let key):
            .damaged("the bundle is signed by \(name) with another key than --signed-by: \(key)")
                .next(
                    "compare the key with the exporter's sign_key in 'vault member list --json' of their vault"
                )
        case .doesNotOpen(let owner, let field):
            .damaged("the secret \(field) of '\(owner)' does not open: it was altered or moved")
                .next("ask for another bundle")
        case .recipientKey:
            .usage("--to takes a member's receiving key: 64 hexadecimal digits")
                .next("vault member list --json in the other vault shows it as receive_key")
        case .namesTaken(let names):
            Failure(
                .alreadyExists,
                problems: names.map {
                    .init(
                        nameConflict($0.kind.noun, $0.name, by: $0.taken),
                        next:
                            "vault \($0.kind.rawValue) edit '\($0.taken)' --set name='\($0.taken) old', then import again; nothing was imported"
                    )
                })
        }
    }
}
