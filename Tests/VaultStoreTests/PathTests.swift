import Foundation
import Testing

@testable import VaultStore

#if canImport(Glibc)
    import Glibc
#endif

struct PathTests {
    private let scratch = Scratch()

    // case 70: the umask belongs to the whole process, so each try has a process of its own.
    @Test func `file, log and folder are closed to others whatever the umask`() async {
        await #expect(processExitsWith: .success) {
            for mask: mode_t in [0o000, 0o022, 0o077, 0o777] {
                let scratch = Scratch()
                umask(mask)
                let folder = scratch.folder + "/new/deep"
                let file = try VaultFile.create(folder + "/vault.db", fill: Sample.fill)
                try file.write { try $0.putConnector("a", source: "b") }
                for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
                    #expect(try scratch.mode(folder + "/" + name) == 0o600)
                }
                #expect(try scratch.mode(folder) == 0o700)
                #expect(try scratch.mode(scratch.folder + "/new") == 0o700)
            }
        }
    }

    // case 69
    @Test(arguments: [0o755, 0o777, 0o710, 0o701]) func `a folder that others may enter is refused`(mode: Int)
        throws
    {
        try scratch.vault()
        try setMode(mode, scratch.folder)
        let expected = StoreError.unsafePath(
            path: scratch.folder, why: "others may enter it", mend: "chmod 700 '\(scratch.folder)'")
        #expect(throws: expected) { try VaultFile.open(scratch.path) }
        #expect(throws: expected) { try VaultFile.create(scratch.folder + "/other.db") { _ in } }
        try mend(expected)
        _ = try VaultFile.open(scratch.path)
    }

    // case 69
    @Test(arguments: [0o644, 0o640, 0o602, 0o666]) func `a file that others may touch is refused`(mode: Int)
        throws
    {
        try scratch.vault()
        try setMode(mode, scratch.path)
        let expected = StoreError.unsafePath(
            path: scratch.path, why: "others may read or write it", mend: "chmod 600 '\(scratch.path)'")
        #expect(throws: expected) { try VaultFile.open(scratch.path, for: .reading) }
        try mend(expected)
        _ = try VaultFile.open(scratch.path, for: .reading)
    }

    // case 69
    @Test func `the command that mends it is safe for any name`() throws {
        let folder = scratch.folder + "/it's $(touch x) \"here\""
        try VaultFile.create(folder + "/vault.db", fill: Sample.fill).truncateLog()
        try setMode(0o644, folder + "/vault.db")
        guard
            case .unsafePath(_, _, let command?)? = failure({ _ = try VaultFile.open(folder + "/vault.db") })
                as? StoreError
        else {
            Issue.record("not refused")
            return
        }
        #expect(try shell(command) == 0)
        #expect(try scratch.mode(folder + "/vault.db") == 0o600)
    }

    // case 69
    @Test(.enabled(if: geteuid() == 0, "skipped: only root can give files away"))
    func `a file or folder of another user is refused`() throws {
        try scratch.vault()
        #expect(unsafe chown(scratch.path, 65534, 65534) == 0)
        #expect(
            throws: StoreError.unsafePath(path: scratch.path, why: "it belongs to another user", mend: nil)
        ) {
            try VaultFile.open(scratch.path)
        }
        #expect(unsafe chown(scratch.path, 0, 0) == 0)
        #expect(unsafe chown(scratch.folder, 65534, 65534) == 0)
        #expect(
            throws: StoreError.unsafePath(path: scratch.folder, why: "it belongs to another user", mend: nil)
        ) {
            try VaultFile.open(scratch.path)
        }
    }

    // case 71
    @Test func `a hard link is refused under either name`() throws {
        try scratch.vault()
        #expect(unsafe link(scratch.path, scratch.folder + "/second") == 0)
        for path in [scratch.path, scratch.folder + "/second"] {
            #expect(
                throws: StoreError.unsafePath(
                    path: path, why: "it has a second name (a hard link)", mend: nil)
            ) {
                try VaultFile.open(path)
            }
        }
    }

    // case 71
    @Test func `a symbolic link, a pipe and a folder in the file's place are refused`() throws {
        try scratch.vault()
        let place = scratch.folder + "/place"
        func expectRefused(_ why: String) {
            let expected = StoreError.unsafePath(path: place, why: why, mend: nil)
            #expect(throws: expected) { try VaultFile.open(place) }
            #expect(throws: expected) { try VaultFile.create(place) { _ in } }
            #expect(unsafe remove(place) == 0)
        }
        #expect(unsafe symlink(scratch.path, place) == 0)
        expectRefused("it is a symbolic link")
        #expect(unsafe symlink(scratch.folder + "/nowhere", place) == 0)
        expectRefused("it is a symbolic link")
        #expect(unsafe mkfifo(place, 0o600) == 0)
        expectRefused("it is no plain file")
        #expect(unsafe mkdir(place, 0o700) == 0)
        expectRefused("it is a folder")
    }

    @Test func `a path that leads nowhere is no vault`() throws {
        try scratch.vault()
        for path in [
            scratch.folder + "/none.db", scratch.folder + "/none/vault.db", scratch.path + "/vault.db",
        ] {
            #expect(throws: StoreError.noVault(path: path)) { try VaultFile.open(path) }
        }
        #expect(throws: StoreError.unsafePath(path: scratch.path, why: "it is no folder", mend: nil)) {
            try VaultFile.create(scratch.path + "/vault.db") { _ in }
        }
    }

    @Test func `a vault is never made over another, and an empty file is taken`() throws {
        try scratch.vault()
        #expect(throws: StoreError.alreadyThere(path: scratch.path)) {
            try VaultFile.create(scratch.path) { _ in }
        }
        let empty = scratch.folder + "/empty.db"
        try scratch.put(Data(), at: empty)
        #expect(throws: StoreError.noVault(path: empty)) { try VaultFile.open(empty) }
        _ = try VaultFile.create(empty, fill: Sample.fill)
        _ = try VaultFile.open(empty)
    }

    @Test func `what fails while it is filled leaves no vault`() throws {
        struct Interrupted: Error {}
        #expect(throws: Interrupted.self) {
            try VaultFile.create(scratch.path) { rows throws in
                try Sample.fill(rows)
                throw Interrupted()
            }
        }
        #expect(throws: StoreError.noVault(path: scratch.path)) { try VaultFile.open(scratch.path) }
        _ = try VaultFile.create(scratch.path, fill: Sample.fill)
    }

    @Test func `folders of paths`() {
        #expect(PathGuard.folder(of: "vault.db") == ".")
        #expect(PathGuard.folder(of: "/vault.db") == "/")
        #expect(PathGuard.folder(of: "/a/b/vault.db") == "/a/b")
    }

    private func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Runs the command that an error names, as a person would.
    private func mend(_ error: StoreError) throws {
        guard case .unsafePath(_, _, let command?) = error else { return }
        #expect(try shell(command) == 0)
    }

    private func shell(_ command: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = URL(fileURLWithPath: scratch.folder)
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
