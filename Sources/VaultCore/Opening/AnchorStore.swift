#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import VaultCrypto
import VaultLedger

/// The folder where one user's anchors are kept, a file for each vault.
public struct AnchorStore: Sendable {
    public let folder: String
    private let isKept: Bool

    public init(folder: String) { self.init(folder: folder, isKept: true) }

    private init(folder: String, isKept: Bool) { (self.folder, self.isKept) = (folder, isKept) }

    /// A store that knows nothing and remembers nothing.
    static let none = AnchorStore(folder: "", isKept: false)

    func path(of vault: [UInt8]) -> String { folder + "/" + Hex.encode(vault) }

    /// The anchor of a vault, nil when there is none.
    func load(_ vault: [UInt8]) throws(VaultError) -> Anchor? {
        guard isKept else { return nil }
        let path = path(of: vault)
        guard let bytes = try PrivateFile.contents(of: path, limit: 16 << 20) else { return nil }
        guard let json = try? JSON.parse(bytes), let anchor = Anchor(json), anchor.vault == vault else {
            throw .anchorDamaged(path: path)
        }
        return anchor
    }

    /// Remembers an anchor, unless a larger one is there already: another command of this user may have been faster.
    func save(_ anchor: Anchor, replacing: Bool = false) throws(VaultError) {
        guard isKept else { return }
        let path = path(of: anchor.vault)
        try PrivateFile.makeFolder(folder)
        let lock = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw PrivateFile.fault(folder) }
        defer { close(lock) }
        guard flock(lock, LOCK_EX) == 0 else { throw PrivateFile.fault(folder) }
        if !replacing, let kept = try? load(anchor.vault), kept.range.size > anchor.range.size { return }
        try PrivateFile.replace(path, with: anchor.json.bytes + [0x0a])
    }
}
