import CPlatform
import Libc
import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

/// The anchors of one user: a folder with a file for each vault.
public struct AnchorStore: Sendable {
    /// The path of the folder.
    public let folder: String
    private let isPersistent: Bool

    /// Creates a store in a folder, which is created when the first anchor is saved.
    public init(folder: String) { self.init(folder: folder, isPersistent: true) }

    private init(folder: String, isPersistent: Bool) {
        (self.folder, self.isPersistent) = (folder, isPersistent)
    }

    /// A store that is always empty.
    static let none = AnchorStore(folder: "", isPersistent: false)

    func path(of vault: [UInt8]) -> String { folder + "/" + Hex.encode(vault) }

    /// The file next to the anchor that says how far a vault's whole file, including its rows, was verified.
    func verifiedPath(of vault: [UInt8]) -> String { path(of: vault) + ".verified" }

    /// The anchor of a vault, or nil if there is none.
    ///
    /// - Throws: `anchorDamaged`, `unsafePath` or `io`, as do the other methods.
    func load(_ vault: [UInt8]) throws(VaultError) -> Anchor? {
        try read(path(of: vault), vault, hasFile: false)?.anchor
    }

    /// The anchor at the last verification of this whole file; nil if it was another file, or there was none.
    func loadVerified(_ vault: [UInt8], file: String) throws(VaultError) -> Anchor? {
        guard let found = try read(verifiedPath(of: vault), vault, hasFile: true),
            let verified = found.file, let file = Self.absolutePath(of: file), verified.hasSameBytes(as: file)
        else { return nil }
        return found.anchor
    }

    private func read(
        _ path: String, _ vault: [UInt8], hasFile: Bool
    ) throws(VaultError) -> (anchor: Anchor, file: String?)? {
        guard isPersistent else { return nil }
        try AnchorFolder.check(folder)
        guard let bytes = try PrivateFile.contents(of: path, limit: 16 << 20) else { return nil }
        guard let found = Anchor.read(bytes), found.anchor.vault == vault, (found.file != nil) == hasFile
        else { throw .integrity(.anchorDamaged(path: path)) }
        return found
    }

    /// Saves an anchor, unless there is a larger one: another command of this user may have been faster.
    func save(_ anchor: Anchor, replacing: Bool = false) throws(VaultError) {
        guard isPersistent else { return }
        try locked { () throws(VaultError) in
            if !replacing, let kept = try? load(anchor.vault), kept.range.size > anchor.range.size { return }
            // That verification was of another history.
            if replacing { forgetVerified(anchor.vault) }
            try PrivateFile.replace(path(of: anchor.vault), with: anchor.text())
            guard replacing else { return }
            // After a power loss the old anchor would contradict the vault. An anchor that only grew would not.
            try PrivateFile.syncFolder(of: path(of: anchor.vault))
            removePendingAcceptance(anchor.vault)
        }
    }

    /// The file next to the anchor that names the operation accepting another history, until the anchor is replaced.
    private func acceptancePath(of vault: [UInt8]) -> String { path(of: vault) + ".accepting" }

    /// Records the operation that is about to accept another history. If the process ends after its entry is written but
    /// before the anchor is replaced, the next command finds the entry and replaces the anchor.
    func beginAcceptance(_ operation: Identifier, _ vault: [UInt8]) throws(VaultError) {
        guard isPersistent else { return }
        try locked { () throws(VaultError) in
            try PrivateFile.replace(acceptancePath(of: vault), with: Array((operation.hex + "\n").utf8))
            try PrivateFile.syncFolder(of: acceptancePath(of: vault))
        }
    }

    /// The operation that was about to accept another history, if any.
    func pendingAcceptance(_ vault: [UInt8]) throws(VaultError) -> Identifier? {
        guard isPersistent,
            let bytes = try PrivateFile.contents(of: acceptancePath(of: vault), limit: 33)
        else { return nil }
        return Identifier(hex: String(decoding: bytes.prefix(32), as: UTF8.self))
    }

    private func removePendingAcceptance(_ vault: [UInt8]) { unsafe unlink(acceptancePath(of: vault)) }

    /// Records that a whole file was verified up to an anchor.
    func saveVerified(_ anchor: Anchor, file: String) throws(VaultError) {
        guard isPersistent, let file = Self.absolutePath(of: file) else { return }
        try locked { () throws(VaultError) in
            try PrivateFile.replace(verifiedPath(of: anchor.vault), with: anchor.text(file: file))
        }
    }

    /// Makes the next verification start at the first entry.
    func forgetVerified(_ vault: [UInt8]) {
        guard isPersistent else { return }
        unsafe platform_unlink(verifiedPath(of: vault))
    }

    private func locked(_ body: () throws(VaultError) -> Void) throws(VaultError) {
        do throws(StoreError) { try PrivateFolder.make(folder) } catch { throw VaultError(error) }
        try AnchorFolder.check(folder)
        let lock = unsafe platform_open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard lock >= 0 else { throw PrivateFile.fault(folder) }
        defer { close(lock) }
        guard platform_lock(lock, LOCK_EX) == 0 else { throw PrivateFile.fault(folder) }
        for path in Leftovers.paths(in: folder) { unsafe platform_unlink(path) }
        try body()
    }

    /// The absolute path of a file, without symbolic links.
    private static func absolutePath(of file: String) -> String? {
        guard let found = unsafe realpath(file, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
