import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import VaultCrypto
import VaultLedger
import VaultText

/// The folder where one user's anchors are kept, a file for each vault.
public struct AnchorStore: Sendable {
    public let folder: String
    private let isKept: Bool

    public init(folder: String) { self.init(folder: folder, isKept: true) }

    private init(folder: String, isKept: Bool) { (self.folder, self.isKept) = (folder, isKept) }

    /// A store that knows nothing and remembers nothing.
    static let none = AnchorStore(folder: "", isKept: false)

    func path(of vault: [UInt8]) -> String { folder + "/" + Hex.encode(vault) }

    /// Beside the anchor: how far all of a file was verified, rows and all.
    func verifiedPath(of vault: [UInt8]) -> String { path(of: vault) + ".verified" }

    /// The anchor of a vault, nil when there is none.
    func load(_ vault: [UInt8]) throws(VaultError) -> Anchor? {
        try read(path(of: vault), vault, hasFile: false)?.anchor
    }

    /// The anchor as of the last time that all of this file was verified; nil where that was another one, or none.
    func loadVerified(_ vault: [UInt8], file: String) throws(VaultError) -> Anchor? {
        guard let found = try read(verifiedPath(of: vault), vault, hasFile: true),
            let verified = found.file, let file = Self.place(of: file), verified.hasSameBytes(as: file)
        else { return nil }
        return found.anchor
    }

    private func read(
        _ path: String, _ vault: [UInt8], hasFile: Bool
    ) throws(VaultError) -> (anchor: Anchor, file: String?)? {
        guard isKept else { return nil }
        try AnchorFolder.check(folder)
        guard let bytes = try PrivateFile.contents(of: path, limit: 16 << 20) else { return nil }
        guard let found = Anchor.read(bytes), found.anchor.vault == vault, (found.file != nil) == hasFile
        else { throw .anchorDamaged(path: path) }
        return found
    }

    /// Remembers an anchor, unless a larger one is there already: another command of this user may have been faster.
    func save(_ anchor: Anchor, replacing: Bool = false) throws(VaultError) {
        guard isKept else { return }
        try locked { () throws(VaultError) in
            if !replacing, let kept = try? load(anchor.vault), kept.range.size > anchor.range.size { return }
            // What was verified of another history says nothing of this one.
            if replacing { forgetVerified(anchor.vault) }
            try PrivateFile.replace(path(of: anchor.vault), with: anchor.text())
            guard replacing else { return }
            // An older anchor would contradict the vault after a power loss; one that is not replaced never does.
            try PrivateFile.syncFolder(of: path(of: anchor.vault))
            forgetAccepting(anchor.vault)
        }
    }

    /// Beside the anchor: the operation that is about to accept another history, until the anchor is that one's.
    private func acceptingPath(of vault: [UInt8]) -> String { path(of: vault) + ".accepting" }

    /// Remembers that this user accepts another history by an operation, before the entry of that is written. Where the
    /// process ends before it has moved the anchor, the next command finds the entry and moves it.
    func willAccept(_ operation: Identifier, _ vault: [UInt8]) throws(VaultError) {
        guard isKept else { return }
        try locked { () throws(VaultError) in
            try PrivateFile.replace(acceptingPath(of: vault), with: Array((operation.hex + "\n").utf8))
            try PrivateFile.syncFolder(of: acceptingPath(of: vault))
        }
    }

    /// The operation by which this user was about to accept another history.
    func accepting(_ vault: [UInt8]) throws(VaultError) -> Identifier? {
        guard isKept, let bytes = try PrivateFile.contents(of: acceptingPath(of: vault), limit: 33) else {
            return nil
        }
        return Identifier(hex: String(decoding: bytes.prefix(32), as: UTF8.self))
    }

    private func forgetAccepting(_ vault: [UInt8]) { unsafe unlink(acceptingPath(of: vault)) }

    /// Remembers that all of a file was verified up to here.
    func saveVerified(_ anchor: Anchor, file: String) throws(VaultError) {
        guard isKept, let file = Self.place(of: file) else { return }
        try locked { () throws(VaultError) in
            try PrivateFile.replace(verifiedPath(of: anchor.vault), with: anchor.text(file: file))
        }
    }

    /// The next verify begins at the first entry again.
    func forgetVerified(_ vault: [UInt8]) {
        guard isKept else { return }
        unsafe platform_unlink(verifiedPath(of: vault))
    }

    private func locked(_ body: () throws(VaultError) -> Void) throws(VaultError) {
        try PrivateFile.makeFolder(folder)
        try AnchorFolder.check(folder)
        let lock = unsafe platform_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard lock >= 0 else { throw PrivateFile.fault(folder) }
        defer { close(lock) }
        guard platform_lock(lock, LOCK_EX) == 0 else { throw PrivateFile.fault(folder) }
        for path in Leftovers.paths(in: folder) { unsafe platform_unlink(path) }
        try body()
    }

    /// A file's path without symbolic links, from the root.
    private static func place(of file: String) -> String? {
        guard let found = unsafe realpath(file, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
