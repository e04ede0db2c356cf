import Libc
import VaultCore

/// Checks the program of a rotation hook: only this user and root may be able to write or replace it, because it runs
/// with the use of a credential.
enum HookProgram {
    /// Why a path is rejected.
    enum CheckError: ReportableError, Equatable {
        case notAbsolute(path: String)
        case missing(path: String, why: String)
        case notAFile(path: String)
        case notExecutable(path: String)
        /// `place`, the file or a parent folder, belongs to another user.
        case foreign(path: String, place: String)
        case writable(path: String, place: String)
        case writableFolder(path: String, place: String)
    }

    /// Checks the path, and returns it without symbolic links.
    ///
    /// A world-writable folder is accepted if it is sticky, as `/tmp` is: other users can't replace files there.
    static func check(_ path: String) throws(CheckError) -> String {
        guard path.hasPrefix("/") else { throw .notAbsolute(path: path) }
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

    private static func check(folder: String, _ path: String) throws(CheckError) {
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

    /// The parent folders, from the root.
    private static func folders(of path: String) -> [String] {
        var folders = ["/"]
        let parts = path.split(separator: "/").dropLast()
        for end in parts.indices { folders.append("/" + parts[...end].joined(separator: "/")) }
        return folders
    }
}

extension HookProgram.CheckError {
    var failure: Failure {
        switch self {
        case .notAbsolute(let path):
            Failure(
                .usage, "the hook '\(path)' is not an absolute path",
                next: "use a path such as /usr/local/libexec/new-key; --rotate-with none removes the hook")
        case .missing(let path, let why):
            Failure(
                .usage, "can't find the hook \(path): \(why)",
                next: "install it there, or name another one with --rotate-with PATH")
        case .notAFile(let path):
            Failure(.usage, "the hook \(path) is not a regular file", next: "name a program or a script")
        case .notExecutable(let path):
            Failure(
                .usage, "can't execute the hook \(path)",
                next: "chmod +x \(Vault.quoted(path)), if it is a program")
        case .foreign(let path, let place):
            Failure(
                .usage,
                "the hook \(path) is not safe to run: \(place) belongs to another user, who could change it",
                next: "name a program that belongs to you or to root")
        case .writable(let path, let place):
            Failure(
                .usage, "the hook \(path) is not safe to run: others can write to \(place)",
                next: "chmod go-w \(Vault.quoted(place)), and check that it is unchanged")
        case .writableFolder(let path, let place):
            Failure(
                .usage, "the hook \(path) is not safe to run: others can write to \(place)",
                next: "move it to a folder that only you or root can write to")
        }
    }
}
