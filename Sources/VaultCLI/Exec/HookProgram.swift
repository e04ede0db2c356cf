import VaultCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The file of a program that makes new secrets, held to what a program must be that runs with a credential's use:
/// nobody but this user and root can have written it, or have put it there.
enum HookProgram {
    /// Why a path is not run.
    enum Misfit: Error, Equatable {
        case notWhole(path: String)
        case missing(path: String, why: String)
        case notAFile(path: String)
        case notExecutable(path: String)
        /// `place` is the file, or a folder on the way to it.
        case foreign(path: String, place: String)
        case writable(path: String, place: String)
        case writableFolder(path: String, place: String)
    }

    /// The path to run, without symbolic links, after every check.
    ///
    /// A folder that all may write to is taken where it is sticky, as /tmp is: nobody can replace another's file there.
    static func check(_ path: String) throws(Misfit) -> String {
        guard path.hasPrefix("/") else { throw .notWhole(path: path) }
        guard let place = unsafe realpath(path, nil) else {
            throw .missing(path: path, why: Descriptor.reason(errno))
        }
        defer { unsafe free(place) }
        let program = unsafe String(cString: place)
        var status = stat()
        guard unsafe stat(program, &status) == 0 else {
            throw .missing(path: path, why: Descriptor.reason(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        guard unsafe access(program, X_OK) == 0, status.st_mode & 0o111 != 0 else {
            throw .notExecutable(path: path)
        }
        guard isOurs(status) else { throw .foreign(path: path, place: program) }
        guard status.st_mode & 0o022 == 0 else { throw .writable(path: path, place: program) }
        for folder in folders(of: path) + folders(of: program) { try check(folder: folder, path) }
        return program
    }

    private static func check(folder: String, _ path: String) throws(Misfit) {
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else {
            throw .missing(path: path, why: Descriptor.reason(errno))
        }
        guard isOurs(status) else { throw .foreign(path: path, place: folder) }
        guard status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else {
            throw .writableFolder(path: path, place: folder)
        }
    }

    private static func isOurs(_ status: stat) -> Bool { [0, geteuid()].contains(status.st_uid) }

    /// Every folder on the way, from the root on.
    private static func folders(of path: String) -> [String] {
        var folders = ["/"]
        let parts = path.split(separator: "/").dropLast()
        for end in parts.indices { folders.append("/" + parts[...end].joined(separator: "/")) }
        return folders
    }
}

extension HookProgram.Misfit {
    var failure: Failure {
        switch self {
        case .notWhole(let path):
            Failure(
                .usage, "'\(path)' is not the whole path of a program",
                next: "--rotate-with /usr/local/libexec/new-key; none takes it away")
        case .missing(let path, let why):
            Failure(
                .usage, "the hook \(path) is not there: \(why)",
                next: "put it there, or name another one: vault connection annotate NAME --rotate-with PATH")
        case .notAFile(let path):
            Failure(.usage, "the hook \(path) is no program", next: "name a program or a script")
        case .notExecutable(let path):
            Failure(.usage, "the hook \(path) cannot be executed", next: "chmod +x, if it is a program")
        case .foreign(let path, let place):
            Failure(
                .usage, "the hook \(path) is not run: \(place) belongs to another user, who could change it",
                next: "name a program that belongs to you or to root")
        case .writable(let path, let place):
            Failure(
                .usage, "the hook \(path) is not run: others may write to \(place)",
                next: "chmod go-w \(Vault.quoted(place)), and look whether it is still what you mean")
        case .writableFolder(let path, let place):
            Failure(
                .usage, "the hook \(path) is not run: others may write to \(place)",
                next: "put it in a folder that only you or root can write to")
        }
    }
}
