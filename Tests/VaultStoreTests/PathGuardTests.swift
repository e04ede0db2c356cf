import Foundation
import Libc
import TestSupport
import Testing

@testable import VaultStore

struct PathGuardTests {
    private let scratch = Scratch()

    // case 70: the umask applies to the process, so this runs in a separate one.
    @Test func `creates private files and folders regardless of the umask`() async {
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

    // cases 69, 113
    @Test(arguments: [0o755, 0o710, 0o701])
    func `reads but does not write a file in a folder that others can enter (cases 69, 113)`(mode: Int) throws
    {
        try scratch.vault()
        try setMode(mode, scratch.folder)
        let file = try VaultFile.open(scratch.path)
        #expect(try file.read { try $0.schemaVersion(path: scratch.path) } > 0)
        let exposure = try #require(file.exposure)
        #expect(refusal { try scratch.change(file) } as? StoreError == exposure)
        #expect(refusal { try VaultFile.create(scratch.folder + "/other.db") { _ in } } != nil)
        #expect(try mode == scratch.mode(scratch.folder))
    }

    // cases 69, 113
    @Test(arguments: [0o777, 0o775, 0o722])
    func `refuses to read a file in a folder that others can write to (case 69)`(mode: Int) throws {
        try scratch.vault()
        try setMode(mode, scratch.folder)
        #expect(refusal { try VaultFile.open(scratch.path) } != nil)
        try setMode(mode | 0o1000, scratch.folder)
        #expect(try VaultFile.open(scratch.path).exposure != nil)
    }

    // case 113
    @Test(arguments: [0o755, 0o777])
    func `suggests a command that moves the vault into a private folder (case 113)`(mode: Int) throws {
        let folder = scratch.folder + "/it's $(touch x) \"here\""
        let path = folder + "/vault.db"
        do {
            let file = try VaultFile.create(path, fill: Sample.fill)
            try scratch.change(file)
            #expect(FileManager.default.fileExists(atPath: path + "-wal"))
            try setMode(mode, folder)
            let error = refusal {
                if let exposure = try VaultFile.open(path).exposure { throw exposure }
            }
            guard case .unsafePath(_, _, let command?)? = error as? StoreError else {
                Issue.record("no command: \(String(describing: error))")
                return
            }
            #expect(!command.contains("chmod 700"))
            #expect(try shell(command) == 0)
        }
        let moved = folder + "/vault-private/vault.db"
        #expect(try scratch.mode(folder + "/vault-private") == 0o700)
        #expect(try VaultFile.open(moved).exposure == nil)
        #expect(try scratch.mode(folder) == mode)
        #expect(!FileManager.default.fileExists(atPath: scratch.folder + "/x"))
    }

    // case 105
    @Test(arguments: ["-wal", "-shm", "-journal"])
    func `refuses a log, index or journal that is not a regular file of this user (case 105)`(name: String)
        throws
    {
        try scratch.vault()
        let place = scratch.path + name
        func expectRefused(_ kind: String) throws {
            let error = refusal { try VaultFile.open(scratch.path) } as? StoreError
            guard case .unsafePath(place, _, let fix?)? = error else {
                Issue.record("\(kind): \(String(describing: error))")
                return
            }
            #expect(refusal { _ = try VaultFile.stage(scratch.path) } != nil, "\(kind)")
            #expect(refusal { try VaultFile.create(scratch.path) { _ in } } != nil, "\(kind)")
            if fix.hasPrefix("rm") { #expect(try shell(fix) == 0) }
            try? FileManager.default.removeItem(atPath: place)
            _ = try VaultFile.open(scratch.path)
        }
        unsafe unlink(place)
        #expect(unsafe mkfifo(place, 0o600) == 0)
        try expectRefused("a FIFO")
        #expect(unsafe mkdir(place, 0o700) == 0)
        try expectRefused("a folder")
        #expect(unsafe symlink("/dev/null", place) == 0)
        try expectRefused("a symbolic link")
        try scratch.put(Data("other".utf8), at: scratch.folder + "/other")
        #expect(unsafe link(scratch.folder + "/other", place) == 0)
        try expectRefused("a hard link")
        try scratch.put(Data("other".utf8), at: place)
        try setMode(0o666, place)
        try expectRefused("a file that others may write to")
        if geteuid() == 0 {
            try scratch.put(Data("other".utf8), at: place)
            #expect(unsafe chown(place, 65534, 65534) == 0)
            try expectRefused("a file of another user")
        }
    }

    // case 105
    @Test func `overwrites only a partial file of this user (case 105)`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path)
        let place = NewFile.partialPath(of: scratch.folder + "/copy.db")
        for kind in ["FIFO", "folder", "link"] {
            switch kind {
            case "FIFO": #expect(unsafe mkfifo(place, 0o600) == 0)
            case "folder": #expect(unsafe mkdir(place, 0o700) == 0)
            default: #expect(unsafe symlink("/dev/null", place) == 0)
            }
            guard
                case .unsafePath(place, _, _)? = refusal({
                    try file.copy(to: scratch.folder + "/copy.db") { _ in }
                }) as? StoreError
            else {
                Issue.record("overwrites a \(kind)")
                continue
            }
            try? FileManager.default.removeItem(atPath: place)
        }
    }

    // case 113
    @Test func `reports a file that is not a database as such, and not as unsafe (case 113)`() throws {
        try setMode(0o755, scratch.folder)
        try scratch.put(Data("a host's name\n".utf8), at: scratch.path)
        #expect(throws: StoreError.notAVault(path: scratch.path)) { try VaultFile.open(scratch.path) }
    }

    // case 69
    @Test(arguments: [0o644, 0o640, 0o602, 0o666]) func `refuses a file that others can read or write`(
        mode: Int
    ) throws {
        try scratch.vault()
        try setMode(mode, scratch.path)
        let expected = StoreError.unsafePath(
            path: scratch.path, why: "others may read or write it", fix: "chmod 600 '\(scratch.path)'")
        #expect(throws: expected) { try VaultFile.open(scratch.path, for: .reading) }
        try applyFix(of: expected)
        _ = try VaultFile.open(scratch.path, for: .reading)
    }

    // case 69
    @Test func `quotes any file name in the suggested command`() throws {
        let folder = scratch.folder + "/it's $(touch x) \"here\""
        try VaultFile.create(folder + "/vault.db", fill: Sample.fill).truncateLog()
        try setMode(0o644, folder + "/vault.db")
        guard
            case .unsafePath(_, _, let command?)? = thrownError({
                _ = try VaultFile.open(folder + "/vault.db")
            })
                as? StoreError
        else {
            Issue.record("not refused")
            return
        }
        #expect(try shell(command) == 0)
        #expect(try scratch.mode(folder + "/vault.db") == 0o600)
    }

    // case 69
    @Test(.enabled(if: geteuid() == 0, "skipped: changing the owner of a file needs root"))
    func `refuses a file or folder of another user`() throws {
        try scratch.vault()
        func why() -> String? {
            guard
                case .unsafePath(scratch.path, let why, _)? = refusal({ try VaultFile.open(scratch.path) })
                    as? StoreError
            else { return nil }
            return why
        }
        #expect(unsafe chown(scratch.path, 65534, 65534) == 0)
        #expect(why() == "it belongs to another user")
        #expect(unsafe chown(scratch.path, 0, 0) == 0)
        #expect(unsafe chown(scratch.folder, 65534, 65534) == 0)
        #expect(why() == "its folder, \(scratch.folder), belongs to another user")
    }

    // case 71
    @Test
    func `reads but does not write a file with two hard links, and suggests a command that separates them`()
        throws
    {
        try scratch.vault()
        let second = scratch.folder + "/second"
        #expect(unsafe link(scratch.path, second) == 0)
        for path in [scratch.path, second] {
            let file = try VaultFile.open(path)
            #expect(refusal { try scratch.change(file) } as? StoreError == file.exposure)
            #expect(file.exposure != nil)
        }
        guard case .unsafePath(_, _, let command?)? = try VaultFile.open(second).exposure else {
            Issue.record("no command")
            return
        }
        #expect(try shell(command) == 0)
        for path in [scratch.path, second] { #expect(try VaultFile.open(path).exposure == nil) }
    }

    // case 71
    @Test func `refuses a symbolic link, a FIFO and a folder in place of the file`() throws {
        try scratch.vault()
        let place = scratch.folder + "/place"
        func expectRefused(_ why: String) {
            for error in [
                refusal { try VaultFile.open(place) }, refusal { try VaultFile.create(place) { _ in } },
            ] {
                guard case .unsafePath(place, why, _)? = error as? StoreError else {
                    Issue.record("\(why): \(String(describing: error))")
                    continue
                }
            }
            #expect(unsafe remove(place) == 0)
        }
        #expect(unsafe symlink(scratch.path, place) == 0)
        expectRefused("it is a symbolic link")
        #expect(unsafe symlink(scratch.folder + "/nowhere", place) == 0)
        expectRefused("it is a symbolic link")
        #expect(unsafe mkfifo(place, 0o600) == 0)
        expectRefused("it is not a regular file")
        #expect(unsafe mkdir(place, 0o700) == 0)
        expectRefused("it is a folder")
    }

    @Test func `reports a path without a file as no vault`() throws {
        try scratch.vault()
        for path in [
            scratch.folder + "/none.db", scratch.folder + "/none/vault.db", scratch.path + "/vault.db",
        ] {
            #expect(throws: StoreError.noVault(path: path)) { try VaultFile.open(path) }
        }
        #expect(throws: StoreError.unsafePath(path: scratch.path, why: "it is not a folder", fix: nil)) {
            try VaultFile.create(scratch.path + "/vault.db") { _ in }
        }
    }

    @Test func `creates a vault in an empty file, and never over another vault`() throws {
        try scratch.vault()
        #expect(throws: StoreError.alreadyExists(path: scratch.path)) {
            try VaultFile.create(scratch.path) { _ in }
        }
        let empty = scratch.folder + "/empty.db"
        try scratch.put(Data(), at: empty)
        #expect(throws: StoreError.noVault(path: empty)) { try VaultFile.open(empty) }
        _ = try VaultFile.create(empty, fill: Sample.fill)
        _ = try VaultFile.open(empty)
    }

    @Test func `leaves no vault if filling it fails`() throws {
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

    @Test func `returns the folder of a path`() {
        #expect(PathGuard.folder(of: "vault.db") == ".")
        #expect(PathGuard.folder(of: "/vault.db") == "/")
        #expect(PathGuard.folder(of: "/a/b/vault.db") == "/a/b")
    }

    /// The error that a body throws.
    private func refusal<T>(_ body: () throws -> T) -> (any Error)? { thrownError { _ = try body() } }

    private func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Runs the command that an error suggests.
    private func applyFix(of error: StoreError) throws {
        guard case .unsafePath(_, _, let command?) = error else { return }
        #expect(try shell(command) == 0)
    }

    private func shell(_ command: String) throws -> Int32 {
        try Subprocess.run("/bin/sh", ["-c", command], directory: scratch.folder).status
    }
}

extension Scratch {
    fileprivate func change(_ file: VaultFile) throws {
        try file.write { try $0.putConnector("a", source: "b") }
    }
}
