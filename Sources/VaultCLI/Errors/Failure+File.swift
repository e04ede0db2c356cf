import Libc
import VaultCore

extension VaultError.FileError {
    var failure: Failure {
        switch self {
        case .noVault(let path):
            Failure(.noVault, "no vault at \(path)")
                .next("vault init; or name another file with --vault PATH or VAULT_FILE")
        case .vaultExists(let path):
            .alreadyExists("a vault already exists at \(path)")
                .next("vault status; or name another file with --vault PATH")
        case .unsafePath(let path, let why, let fix):
            .damaged("\(path) is not safe to use: \(why)")
                .next(fix ?? "name the vault's file with --vault PATH or VAULT_FILE")
        case .notAVault(let path):
            .damaged("\(path) is not a vault").next("name the right file with --vault PATH or VAULT_FILE")
        case .tooNew(let path, let version, let supported):
            .damaged("\(path) has schema version \(version), newer than this program supports (\(supported))")
                .next("install a newer version of vault")
        case .alteredSchema(let path, let object):
            .damaged("the schema of \(path) was changed outside the vault: \(object)")
                .next(
                    "find out who changed the file; then vault backup restore FILE --replace, or drop what was added"
                )
        case .damaged(let path, let detail):
            .damaged("\(path) is damaged: \(detail)")
                .next("keep the file for an investigation; vault backup restore FILE --replace")
        case .searchIndex(isRebuilt: true):
            .damaged("the search index was damaged and has been rebuilt; nothing was imported")
                .next("run the same command again")
        case .searchIndex(isRebuilt: false):
            .damaged("the search index of this vault is damaged").next("vault doctor --repair")
        case .busy(let path):
            .busy("timed out after 30 seconds: another program has locked \(path)")
                .next("try again; vault doctor")
        case .moved(let path):
            .busy("\(path) was moved or replaced while it was open; nothing was changed")
                .next("vault lock, if an agent has the vault open; then try again")
        case .inUse(let path):
            .busy("can't replace \(path): another program has it open")
                .next("vault lock, if it is the agent; then try again")
        case .full(let path):
            .unexpected("disk full while writing \(path); nothing was changed")
                .next("free some space, then try again")
        case .readOnly(let path):
            .unexpected("can't write \(path): read-only file system, or no permission; nothing was changed")
                .next("check the mount options, and the permissions of the file and its folder")
        case .readOnlyLog(let path):
            .unexpected(
                "can't read \(path): its write-ahead log holds changes, and the file system is read-only"
            )
            .next("copy \(path) and \(path)-wal into a writable folder of mode 700, and use --vault there")
        case .io(let path, Descriptor.reason(ENOENT)) where path.contains("/"):
            .unexpected("can't write \(path): \(Descriptor.reason(ENOENT))")
                .next(
                    "mkdir -p -m 700 \(Vault.quoted(String(path[..<path.lastIndex(of: "/")!]))), or name another path"
                )
        case .io(let path, let why):
            .unexpected(path.isEmpty ? why : "\(path): \(why)")
                .next("check the disk and the folder; vault doctor")
        case .outcomeUnknown(let path, let why):
            .unexpected(
                "\(path): the disk failed while the change was saved (\(why)); whether it is saved is not known"
            )
            .next(
                "check the disk; then vault audit log --limit 5. New key files and recovery codes were kept")
        }
    }
}
