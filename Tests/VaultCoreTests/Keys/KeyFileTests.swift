import Foundation
import TestSupport
import Testing
import VaultMemory

@testable import VaultCore

/// Key files.
@Suite struct KeyFileTests {
    private let directory = TemporaryDirectory()
    private var folder: String { directory.path }

    // case 70
    @Test func `creates a private file atomically, and leaves no temporary file`() throws {
        let path = folder + "/ana.key"
        let before = umask(0)
        let made = try KeyFile.contentsOrNew(at: path)
        umask(before)
        #expect(made.isNew && made.key.bytes.count == KeyFile.size)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
        #expect((attributes[.referenceCount] as? Int) == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ana.key"])
    }

    @Test func `reads an existing file, and does not replace it`() throws {
        let path = folder + "/ana.key"
        let key = try KeyFile.contentsOrNew(at: path).key
        let again = try KeyFile.contentsOrNew(at: path)
        #expect(!again.isNew && text(again.key) == text(key))
    }

    // case 86: two commands create the same key file; when the first fails, it deletes the file, which the second must not use
    @Test func `waits for a new file that another command may still remove`() async throws {
        let path = folder + "/shared.key"
        var first: KeyFile.New? = try KeyFile.contentsOrNew(at: path)
        let lost = text(try #require(first).key)
        let second = Task.detached { try KeyFile.contentsOrNew(at: path) }
        try await Task.sleep(for: .milliseconds(50))
        try FileManager.default.removeItem(atPath: path)
        first = nil
        let made = try await second.value
        #expect(made.isNew && text(made.key) != lost)
        #expect(text(try KeyFile.contents(of: path)) == text(made.key))
    }

    // case 69
    @Test(arguments: [0o640, 0o604, 0o660])
    func `refuses a file that others can read or write`(mode: Int) throws {
        let path = folder + "/ana.key"
        _ = try KeyFile.contentsOrNew(at: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let refused = VaultError.unlock(
            .keyFile(
                path: path, why: "others can read or write it", fix: "chmod 600 '\(path)'"))
        #expect(failure { try KeyFile.contents(of: path) } == refused)
        #expect(failure { try KeyFile.contentsOrNew(at: path) } == refused)
    }

    // case 69
    @Test func `accepts a systemd credential with the modes that systemd sets, and no others`()
        throws
    {
        defer { _ = try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
        let path = folder + "/vault-key"
        let made = try KeyFile.contentsOrNew(at: path)
        func set(_ mode: Int, _ folderMode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            try FileManager.default.setAttributes([.posixPermissions: folderMode], ofItemAtPath: folder)
        }
        // An ACL for the service's user shows up in the group bits.
        try set(0o440, 0o550)
        #expect(text(try KeyFile.contents(of: path, credentials: folder)) == text(made.key))
        for (mode, folderMode) in [(0o460, 0o550), (0o444, 0o550), (0o440, 0o555), (0o440, 0o770)] {
            try set(mode, folderMode)
            #expect(failure { try KeyFile.contents(of: path, credentials: folder) } != nil)
        }
        try set(0o440, 0o550)
        #expect(failure { try KeyFile.contents(of: path, credentials: folder + "/..") } != nil)
        #expect(failure { try KeyFile.contents(of: path) } != nil)
    }

    @Test func `refuses a file that is not 32 bytes long`() throws {
        for count in [0, 31, 33] {
            let path = folder + "/\(count).key"
            #expect(
                FileManager.default.createFile(
                    atPath: path, contents: Data(repeating: 7, count: count),
                    attributes: [.posixPermissions: 0o600]))
            #expect(failure { try KeyFile.contents(of: path) } != nil)
        }
        #expect(failure { try KeyFile.contents(of: folder) } != nil)
        #expect(failure { try KeyFile.contents(of: folder + "/none") } != nil)
    }

    // A container's secret belongs to root, and its user cannot change the mode.
    @Test(.enabled(if: geteuid() == 0, "only root can change the owner of a file"))
    func `accepts a readable file of root with a warning, and never one of another user (field case 10)`()
        async
    {
        await #expect(processExitsWith: .success) {
            let folder = NSTemporaryDirectory() + "key-file-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = folder + "/ana.key"
            let made = try KeyFile.contentsOrNew(at: path)
            unsafe chmod(folder, 0o755)
            let group: gid_t = 54_321
            func outcome(_ mode: mode_t, _ owner: uid_t) -> (isRead: Bool, warnings: [String]) {
                seteuid(0)
                unsafe chown(path, owner, group)
                unsafe chmod(path, mode)
                setegid(group)
                seteuid(54_321)
                var warnings: [String] = []
                let key = try? KeyFile.contents(of: path, warn: { warnings.append($0) })
                return (key.map { text($0) == text(made.key) } ?? false, warnings)
            }
            let all = outcome(0o444, 0)
            guard all.isRead, all.warnings.count == 1, all.warnings[0].contains("every user") else { exit(2) }
            let grouped = outcome(0o440, 0)
            guard grouped.isRead, grouped.warnings.count == 1, grouped.warnings[0].contains("group") else {
                exit(3)
            }
            // Others could have written these, or the user can fix the mode.
            for (mode, owner) in [(0o464, 0), (0o446, 0), (0o444, 65_534), (0o444, 54_321), (0o440, 54_321)] {
                guard !outcome(mode_t(mode), uid_t(owner)).isRead else { exit(4) }
            }
            guard outcome(0o400, 54_321).isRead, outcome(0o600, 54_321).warnings.isEmpty else { exit(5) }
            seteuid(0)
            try FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func `reads a pipe, and does not block on a FIFO without a writer (field case 10)`()
        throws
    {
        let made = try KeyFile.contentsOrNew(at: folder + "/ana.key")
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: folder + "/ana.key")))
        #expect(unsafe write(ends[1], bytes, bytes.count) == bytes.count)
        close(ends[1])
        #expect(text(try KeyFile.contents(of: "/dev/fd/\(ends[0])")) == text(made.key))
        close(ends[0])
        let fifo = folder + "/fifo"
        #expect(unsafe mkfifo(fifo, 0o600) == 0)
        #expect(failure { try KeyFile.contents(of: fifo) } != nil)
        #expect(failure { try KeyFile.contents(of: "/dev/zero") } != nil)
    }
}
