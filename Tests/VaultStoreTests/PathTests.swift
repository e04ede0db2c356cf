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

    // cases 69, 113
    @Test(arguments: [0o755, 0o710, 0o701])
    func `a file in a folder that others may enter is read, and not written (cases 69, 113)`(mode: Int) throws
    {
        try scratch.vault()
        try setMode(mode, scratch.folder)
        let file = try VaultFile.open(scratch.path)
        #expect(try file.read { try $0.formVersion(path: scratch.path) } > 0)
        let exposure = try #require(file.exposure)
        #expect(refusal { try scratch.change(file) } as? StoreError == exposure)
        #expect(refusal { try VaultFile.create(scratch.folder + "/other.db") { _ in } } != nil)
        #expect(try mode == scratch.mode(scratch.folder))
    }

    // cases 69, 113
    @Test(arguments: [0o777, 0o775, 0o722])
    func `a file in a folder that others may write to is not even read (case 69)`(mode: Int) throws {
        try scratch.vault()
        try setMode(mode, scratch.folder)
        #expect(refusal { try VaultFile.open(scratch.path) } != nil)
        try setMode(mode | 0o1000, scratch.folder)
        #expect(try VaultFile.open(scratch.path).exposure != nil)
    }

    // case 113
    @Test(arguments: [0o755, 0o777])
    func `the step moves the vault into a folder of its own, whatever its name (case 113)`(mode: Int) throws {
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
                Issue.record("no step: \(String(describing: error))")
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
    func `nothing but a plain file of one's own stands beside the vault (case 105)`(name: String) throws {
        try scratch.vault()
        let place = scratch.path + name
        func expectRefused(_ kind: String) throws {
            let error = refusal { try VaultFile.open(scratch.path) } as? StoreError
            guard case .unsafePath(place, _, let mend?)? = error else {
                Issue.record("\(kind): \(String(describing: error))")
                return
            }
            #expect(refusal { _ = try VaultFile.stage(scratch.path) } != nil, "\(kind)")
            #expect(refusal { try VaultFile.create(scratch.path) { _ in } } != nil, "\(kind)")
            if mend.hasPrefix("rm") { #expect(try shell(mend) == 0) }
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
    @Test func `nothing but an unfinished file of one's own is written over (case 105)`() throws {
        try scratch.vault()
        let file = try VaultFile.open(scratch.path)
        let place = NewFile.part(of: scratch.folder + "/copy.db")
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
                Issue.record("\(kind) is taken")
                continue
            }
            try? FileManager.default.removeItem(atPath: place)
        }
    }

    // case 113
    @Test func `a file that is no database is not called unsafe (case 113)`() throws {
        try setMode(0o755, scratch.folder)
        try scratch.put(Data("a host's name\n".utf8), at: scratch.path)
        #expect(throws: StoreError.notAVault(path: scratch.path)) { try VaultFile.open(scratch.path) }
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
    @Test func `a hard link is read and not written under either name, and the step parts the two`() throws {
        try scratch.vault()
        let second = scratch.folder + "/second"
        #expect(unsafe link(scratch.path, second) == 0)
        for path in [scratch.path, second] {
            let file = try VaultFile.open(path)
            #expect(refusal { try scratch.change(file) } as? StoreError == file.exposure)
            #expect(file.exposure != nil)
        }
        guard case .unsafePath(_, _, let command?)? = try VaultFile.open(second).exposure else {
            Issue.record("no step")
            return
        }
        #expect(try shell(command) == 0)
        for path in [scratch.path, second] { #expect(try VaultFile.open(path).exposure == nil) }
    }

    // case 71
    @Test func `a symbolic link, a pipe and a folder in the file's place are refused`() throws {
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

    /// What a body that is to fail has thrown.
    private func refusal<T>(_ body: () throws -> T) -> (any Error)? { failure { _ = try body() } }

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

extension Scratch {
    /// Any change.
    fileprivate func change(_ file: VaultFile) throws {
        try file.write { try $0.putConnector("a", source: "b") }
    }
}
