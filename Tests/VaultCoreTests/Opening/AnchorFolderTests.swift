import Foundation
import Testing

@testable import VaultCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An anchor is believed only where nobody else can have written it, or taken it away.
@Suite struct AnchorFolderTests {
    private func expectRefused(
        _ test: TestVault, at path: String, _ what: String, _ location: SourceLocation = #_sourceLocation
    ) {
        for error in [failure { try test.reopen() }, failure { try test.verify() }] {
            guard case .unsafePath(path, _, _)? = error else {
                Issue.record("\(what): \(String(describing: error))", sourceLocation: location)
                return
            }
        }
    }

    @Test(arguments: [0o777, 0o770, 0o722, 0o1777])
    func `a folder of anchors that others may write to is refused, with the step (case 106)`(mode: Int) throws
    {
        let test = try TestVault()
        try test.custom("A")
        unsafe chmod(test.anchors, mode_t(mode))
        test.close()
        guard case .unsafePath(test.anchors, _, let mend?)? = failure({ try test.reopen() }) else {
            Issue.record("not refused")
            return
        }
        #expect(mend == "chmod 700 '\(test.anchors)'")
        unsafe chmod(test.anchors, 0o700)
        try test.reopen()
    }

    @Test func `so is the folder around it, and one above that all may write to (case 106)`() throws {
        let test = try TestVault()
        let state = test.folder + "/state"
        let anchors = state + "/vault/anchors"
        _ = try test.second(anchors: anchors)
        for (path, mode) in [(state + "/vault", 0o775), (state + "/vault", 0o777), (state, 0o777)] {
            unsafe chmod(path, mode_t(mode))
            guard case .unsafePath(path, _, let mend?)? = failure({ try test.second(anchors: anchors) })
            else {
                Issue.record("\(path) \(mode) is taken")
                continue
            }
            // The mode of a folder that this program did not make is the user's own affair.
            #expect(mend.contains("chmod") == path.hasSuffix("/vault"))
            unsafe chmod(path, 0o700)
        }
        for mode in [0o775, 0o1777, 0o755] {
            unsafe chmod(state, mode_t(mode))
            _ = try test.second(anchors: anchors)
        }
    }

    @Test func `an anchor that others may write, or that is none, is refused at once (cases 105, 106)`()
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

    @Test(.enabled(if: geteuid() == 0, "skipped: only root can give files away"))
    func `another user's anchor, or folder of them, is refused (case 106)`() throws {
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
