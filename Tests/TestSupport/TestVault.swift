public import VaultCore
import VaultCrypto
public import VaultLedger
public import VaultMemory

/// A vault in a temporary directory with one member: the admin ana, who unlocks with a key file.
public final class TestVault {
    public let session: Session
    public private(set) var vault: Vault!
    public let scene: Scene
    private let directory = TemporaryDirectory(inMemory: true)

    /// The clock, the reason and the notices of every command on the vault.
    public final class Scene {
        public var now = Timestamp(text: "2026-03-01T08:00:00Z")!
        public var notices: [Notice] = []
        public var onNotice: (Notice) -> Void = { _ in }
        public var reason: String?
    }

    /// The contents of ana's key file.
    public static let key = secret([UInt8](repeating: 7, count: 32))

    /// - Parameter credentials: what ana's slots are sealed with.
    /// - Throws: ``VaultError`` when the vault cannot be created.
    public init(credentials: [Credential] = [.keyFile(TestVault.key)]) throws {
        scene = Scene()
        (vault, session) = try Vault.create(
            directory.path + "/v/vault.db", by: "ana", credentials: credentials,
            Self.surroundings(scene, directory.path + "/anchors"))
    }

    // The vault must be closed before its directory is deleted.
    deinit { vault = nil }

    /// The temporary directory, with the vault in `v` and the anchors in `anchors`.
    public var folder: String { directory.path }
    public var path: String { folder + "/v/vault.db" }
    public var anchors: String { folder + "/anchors" }
    public var surroundings: Surroundings { Self.surroundings(scene, anchors) }

    /// The surroundings of a user with anchors in another folder.
    public static func surroundings(_ scene: Scene, _ anchors: String) -> Surroundings {
        var surroundings = Surroundings(
            now: { scene.now }, via: { Entry.Via(program: "test", user: "ana", host: "here") },
            anchors: AnchorStore(folder: anchors), reason: scene.reason,
            notice: {
                scene.notices.append($0)
                scene.onNotice($0)
            })
        surroundings.cost = .floor
        return surroundings
    }

    /// Closes the vault and opens it again, as the next command would.
    ///
    /// - Throws: ``VaultError`` when the vault is refused.
    @discardableResult
    public func reopen() throws -> Vault {
        close()
        vault = try Vault.open(path, surroundings)
        return vault
    }

    public func close() { vault = nil }

    /// The entries of the ledger, oldest first.
    public func entries() throws -> [Entry] {
        var entries: [Entry] = []
        try ExportEntries().forEach(in: vault) { entries.append($0.entry) }
        return entries
    }
}

/// Runs an operation that should fail.
///
/// - Returns: the error, or nil when the operation succeeds or throws another type.
public func failure<T>(_ body: () throws -> T) -> VaultError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? VaultError
    }
}
