import Libc
import VaultCore

/// Checks the program of a rotation hook: only this user and root may be able to write or replace it, because it runs
/// with the use of a credential.
enum HookProgram {
    /// Checks the path, and returns it without symbolic links.
    static func check(_ path: String) throws(Failure) -> String {
        guard path.hasPrefix("/") else {
            throw .usage("the hook '\(path)' is not an absolute path")
                .next("use a path such as /usr/local/libexec/new-key; --rotate-with none removes the hook")
        }
        guard let place = unsafe realpath(path, nil) else { throw missing(path) }
        defer { unsafe free(place) }
        let program = unsafe String(cString: place)
        let mode = try status(of: program, path).st_mode
        guard mode & S_IFMT == S_IFREG else {
            throw .usage("the hook \(path) is not a regular file").next("name a program or a script")
        }
        guard unsafe access(program, X_OK) == 0, mode & 0o111 != 0 else {
            throw .usage("can't execute the hook \(path)")
                .next("chmod +x \(Vault.quoted(path)), if it is a program")
        }
        let change = "chmod go-w \(Vault.quoted(program)), and check that it is unchanged"
        try checkAccess(to: program, of: path, next: change)
        let move = "move it to a folder that only you or root can write to"
        for folder in folders(of: path) + folders(of: program) {
            try checkAccess(to: folder, of: path, next: move)
        }
        return program
    }

    /// Checks that other users can't change a file, or replace files in a folder.
    ///
    /// A world-writable folder is accepted if it is sticky, as `/tmp` is.
    private static func checkAccess(to place: String, of path: String, next: String) throws(Failure) {
        let status = try status(of: place, path)
        guard [0, geteuid()].contains(status.st_uid) else {
            throw .usage(
                "the hook \(path) is not safe to run: \(place) belongs to another user, who could change it"
            )
            .next("name a program that belongs to you or to root")
        }
        let isStickyFolder = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
        guard status.st_mode & 0o022 == 0 || isStickyFolder else {
            throw .usage("the hook \(path) is not safe to run: others can write to \(place)").next(next)
        }
    }

    private static func status(of place: String, _ path: String) throws(Failure) -> stat {
        var status = stat()
        guard unsafe stat(place, &status) == 0 else { throw missing(path) }
        return status
    }

    private static func missing(_ path: String) -> Failure {
        .usage("can't find the hook \(path): \(Descriptor.reason(errno))")
            .next("install it there, or name another one with --rotate-with PATH")
    }

    /// The parent folders, from the root.
    private static func folders(of path: String) -> [String] {
        let parts = path.split(separator: "/").dropLast()
        return ["/"] + parts.indices.map { "/" + parts[...$0].joined(separator: "/") }
    }
}
