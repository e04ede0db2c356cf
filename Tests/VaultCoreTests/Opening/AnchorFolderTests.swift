import Foundation
import Libc
import TestSupport
import Testing

@testable import VaultCore

/// The permissions of anchors: only their user can write or remove them.
@Suite struct AnchorFolderTests {
    private func expectRefused(
        _ test: TestVault, at path: String, _ what: String, _ location: SourceLocation = #_sourceLocation
    ) {
        for error in [failure { try test.reopen() }, failure { try test.verify() }] {
            guard case .file(.unsafePath(path, _, _))? = error else {
                Issue.record("\(what): \(String(describing: error))", sourceLocation: location)
                return
            }
        }
    }

    @Test(arguments: [0o777, 0o770, 0o722, 0o1777])
    func `refuses an anchor folder that others can write to, and names the fix (case 106)`(mode: Int) throws {
        let test = try TestVault()
        try test.custom("A")
        unsafe chmod(test.anchors, mode_t(mode))
        test.close()
        guard case .file(.unsafePath(test.anchors, _, let fix?))? = failure({ try test.reopen() }) else {
            Issue.record("not refused")
            return
        }
        #expect(fix == "chmod 700 '\(test.anchors)'")
        unsafe chmod(test.anchors, 0o700)
        try test.reopen()
    }

    @Test func `refuses parent folders that others can write to (case 106)`() throws {
        let test = try TestVault()
        let state = test.folder + "/state"
        let anchors = state + "/vault/anchors"
        _ = try test.second(anchors: anchors)
        for (path, mode) in [(state + "/vault", 0o775), (state + "/vault", 0o777), (state, 0o777)] {
            unsafe chmod(path, mode_t(mode))
            guard case .file(.unsafePath(path, _, let fix?))? = failure({ try test.second(anchors: anchors) })
            else {
                Issue.record("\(path) with mode \(mode) is accepted")
                continue
            }
            // No chmod for a folder that this program did not create.
            #expect(fix.contains("chmod") == path.hasSuffix("/vault"))
            unsafe chmod(path, 0o700)
        }
        for mode in [0o775, 0o1777, 0o755] {
            unsafe chmod(state, mode_t(mode))
            _ = try test.second(anchors: anchors)
        }
    }

    @Test
    func
        `refuses an anchor that others can write to or that is not a regular file, without waiting (cases 105, 106)`()
        throws
    {
        let test = try TestVault()
        try test.custom("A")
        let anchor = test.surroundings.anchors.path(of: test.vault.id)
        test.close()
        let contents = try Data(contentsOf: URL(filePath: anchor))
        unsafe chmod(anchor, 0o666)
        expectRefused(test, at: anchor, "0666")
        unsafe chmod(anchor, 0o660)
        expectRefused(test, at: anchor, "0660")
        try FileManager.default.removeItem(atPath: anchor)
        try contents.write(to: URL(filePath: anchor + ".other"))
        #expect(unsafe symlink(anchor + ".other", anchor) == 0)
        expectRefused(test, at: anchor, "a symbolic link")
        #expect(unsafe unlink(anchor) == 0)
        #expect(unsafe mkfifo(anchor, 0o600) == 0)
        expectRefused(test, at: anchor, "a FIFO")
        #expect(unsafe unlink(anchor) == 0)
        #expect(unsafe mkdir(anchor, 0o700) == 0)
        expectRefused(test, at: anchor, "a folder")
    }

    @Test(.enabled(if: geteuid() == 0, "only root can change the owner of a file"))
    func `refuses an anchor and an anchor folder of another user (case 106)`() throws {
        let test = try TestVault()
        try test.custom("A")
        let anchor = test.surroundings.anchors.path(of: test.vault.id)
        test.close()
        unsafe chown(anchor, 65_534, 65_534)
        expectRefused(test, at: anchor, "another user's file")
        unsafe chown(anchor, 0, 0)
        unsafe chown(test.anchors, 65_534, 65_534)
        expectRefused(test, at: test.anchors, "another user's folder")
    }
}
