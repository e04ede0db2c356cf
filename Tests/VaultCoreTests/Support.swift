// The folder's rule: every test works on a vault of its own in a temporary folder, with a clock it sets and an
// anchor folder beside it; what an attacker does is done with SQLite alone, past every check of the program. A test
// that covers an adversarial case names its number.

import Foundation
import GRDB
import Testing
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// A vault of ana's, who is its admin and unlocks with a key file.
final class TestVault {
    let folder: String
    let session: Session
    private(set) var vault: Vault!
    let scene: Scene

    /// What the tests change around a vault.
    final class Scene {
        var now = Timestamp(text: "2026-03-01T08:00:00Z")!
        var notices: [Notice] = []
        var whenTold: (Notice) -> Void = { _ in }
        var reason: String?
    }

    static let key = SharedSecret(SecretBytes(copying: [UInt8](repeating: 7, count: 32)))

    init(credentials: [Credential] = [.keyFile(TestVault.key)]) throws {
        // In memory where there is such a file system: these tests are about what is written, not how fast.
        let base =
            FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        folder = base + "vault-core-\(UUID().uuidString)"
        scene = Scene()
        let founding = Founding(member: "ana", credentials: credentials, cost: .floor)
        (vault, session) = try Vault.create(
            folder + "/v/vault.db", founding, Self.surroundings(scene, folder + "/anchors"))
    }

    deinit {
        vault = nil
        try? FileManager.default.removeItem(atPath: folder)
    }

    var path: String { folder + "/v/vault.db" }
    var anchors: String { folder + "/anchors" }
    var surroundings: Surroundings { Self.surroundings(scene, anchors) }

    static func surroundings(_ scene: Scene, _ anchors: String) -> Surroundings {
        Surroundings(
            now: { scene.now }, via: { Entry.Via(program: "test", user: "ana", host: "here") },
            anchors: AnchorStore(folder: anchors), reason: scene.reason,
            notice: {
                scene.notices.append($0)
                scene.whenTold($0)
            })
    }

    /// Closes the vault and opens it again, as the next command would.
    @discardableResult
    func reopen() throws -> Vault {
        close()
        vault = try Vault.open(path, surroundings)
        return vault
    }

    func close() { vault = nil }

    /// Another command on the same vault, by the same user or one with other anchors.
    func second(anchors other: String? = nil) throws -> Vault {
        try Vault.open(path, Self.surroundings(scene, other ?? anchors))
    }

    func unlock(_ vault: Vault) throws -> Session {
        try vault.unlock(vault.member(named: "ana"), with: .keyFile(Self.key))
    }

    /// Verifies everything as ana, secrets opened with a session of its own.
    @discardableResult
    func verify(secrets: Bool = true, checkpoint: String? = nil) throws -> VerifyReport {
        try Vault.verify(
            path, surroundings, checkpoint: checkpoint, session: secrets ? { try self.unlock($0) } : nil)
    }

    /// Verifies what is new since the last time.
    @discardableResult
    func verifyNew(secrets: Bool = true) throws -> VerifyReport {
        try Vault.verify(
            path, surroundings, onlyNew: true, session: secrets ? { try self.unlock($0) } : nil)
    }

    /// The faults of the rows that verifying names; none when it accepts.
    func faults(secrets: Bool = true) throws -> [Tampering] {
        do {
            try verify(secrets: secrets)
            return []
        } catch VaultError.verificationFailed(let faults) {
            return faults
        }
    }
}

// What an attacker with the file can do.
extension TestVault {
    /// Lends the file without foreign keys, checks, or anything of the program's.
    @discardableResult
    func raw<T>(_ body: (Database) throws -> T) throws -> T { try Self.raw(path, body) }

    @discardableResult
    static func raw<T>(_ path: String, _ body: (Database) throws -> T) throws -> T {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            return try body(db)
        }
    }

    func raw(_ sql: String, _ arguments: StatementArguments = []) throws {
        try raw { try $0.execute(sql: sql, arguments: arguments) }
    }

    /// The whole file as it is now, with what its write-ahead log holds.
    func copy() throws -> Data {
        try raw("PRAGMA wal_checkpoint(TRUNCATE)")
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// Puts a copy in the file's place, as restoring a backup would; also with every anchor forgotten.
    func restore(_ copy: Data, forgetting: Bool = false) throws {
        close()
        if forgetting { try FileManager.default.removeItem(atPath: anchors) }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try copy.write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Everything that stands in the file and beside it.
    func bytesOnDisk() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        for case let name as String in files {
            if let data = FileManager.default.contents(atPath: folder + "/" + name) {
                found[name] = Array(data)
            }
        }
        return found
    }

    func blob(_ owner: String, _ field: String) throws -> Data {
        try raw { db in
            try #require(
                try Data.fetchOne(
                    db,
                    sql:
                        "SELECT sealed FROM secrets JOIN owners ON owners.id = owner WHERE name = ? AND field = ?",
                    arguments: [owner, field]))
        }
    }

    func setBlob(_ owner: String, _ field: String, _ blob: Data) throws {
        try raw(
            "UPDATE secrets SET sealed = ? WHERE field = ? AND owner = (SELECT id FROM owners WHERE name = ?)",
            [blob, field, owner])
    }
}

// What the members do.
extension TestVault {
    func custom(
        _ name: String, key: String = "app-key-value", domain: String = "team.us-1.celonis.cloud",
        tags: [Owner.Tag] = [], note: String = "", as other: Session? = nil
    ) throws {
        let settings = ["api-type": ["intelligence"], "domain": [domain], "auth-type": ["custom"]]
        try vault.create(
            OwnerDraft(
                .connection, connector: "celonis", name: name, settings: settings,
                secrets: ["app-key": secret(key)],
                tags: tags, note: note), as: other ?? session)
    }

    func client(
        _ name: String, domains: [String] = ["team.us-1.celonis.cloud"],
        secret value: String = "client-secret-value"
    ) throws {
        try vault.create(
            OwnerDraft(
                .client, connector: "celonis", name: name,
                settings: ["client-id": ["id-of-\(name)"], "valid-domain-names": domains],
                secrets: ["client-secret": secret(value)]), as: session)
    }

    func oauth(_ name: String, client: String, domains: [String] = ["team.us-1.celonis.cloud"]) throws {
        let settings = [
            "api-type": ["intelligence"], "domain": [domains[0]], "auth-type": ["oauth2"],
            "oauth-client": [client],
            "valid-domain-names": domains, "scopes": ["studio.packages:read"],
        ]
        try vault.create(
            OwnerDraft(.connection, connector: "celonis", name: name, settings: settings), as: session)
    }

    func edit(
        _ name: String, _ changes: [String: [String]], secrets: [String: String] = [:],
        as other: Session? = nil
    ) throws {
        try edit(.connection, name, changes, secrets: secrets, as: other)
    }

    func edit(
        _ kind: OwnerKind, _ name: String, _ changes: [String: [String]], secrets: [String: String] = [:],
        as other: Session? = nil
    ) throws {
        let plan = try vault.planEdit(kind, name, changes: changes)
        try vault.edit(plan, secrets: secrets.mapValues { secret($0) }, as: other ?? session)
    }

    @discardableResult
    func set(
        _ owner: String, _ field: String, _ value: String, expires: Timestamp? = nil, as other: Session? = nil
    ) throws -> UInt64 {
        try vault.setSecret(field, of: owner, to: secret(value), expires: expires, as: other ?? session)
            .version
    }

    /// What `exec` would give a child as its key.
    func use(_ name: String, as other: Session? = nil) throws -> String {
        let variables = try vault.variables(
            of: [name], only: ["CELONIS_API_TOKEN"], program: "true", as: other ?? session)
        return variables.flatMap(\.secrets).map(text).joined()
    }

    func holds(_ value: String, _ owner: String, _ field: String) throws -> Bool {
        try vault.verifySecret(field, of: owner, against: secret(value), as: session)
    }

    /// Adds a member with a key file of their own, and unlocks it.
    func addMember(_ name: String, _ role: Role, key: SharedSecret = TestVault.key) throws -> Session {
        _ = try vault.addMember(name, role, by: .credential(.keyFile(key)), as: session)
        return try unlock(name, key: key)
    }

    func unlock(
        _ name: String, key: SharedSecret = TestVault.key, depositing: Bool = false
    ) throws -> Session {
        try vault.unlock(try vault.member(named: name), with: .keyFile(key), depositing: depositing)
    }

    func rotate() throws { _ = try vault.rotateMasterKey(as: session) }

    /// The entries, oldest first.
    func entries() throws -> [Entry] {
        var entries: [Entry] = []
        try vault.exportEntries { entry, _ in entries.append(entry) }
        return entries
    }

    func names(_ filter: OwnerFilter = OwnerFilter(), _ kind: OwnerKind = .connection) throws -> [String] {
        var names: [String] = []
        try vault.list(kind, filter) { names.append($0.name) }
        return names
    }
}

/// What an operation failed with; nil when it did not, or with something else.
func failure<T>(_ body: () throws -> T) -> VaultError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? VaultError
    }
}

func secret(_ text: String) -> SharedSecret { SharedSecret(SecretBytes(copying: Array(text.utf8))) }

func secret(_ bytes: [UInt8]) -> SharedSecret { SharedSecret(SecretBytes(copying: bytes)) }

func text(_ secret: SharedSecret) -> String {
    unsafe secret.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
}

extension [UInt8] {
    func contains(_ part: [UInt8]) -> Bool {
        Data(self).range(of: Data(part)) != nil
    }
}

extension VaultFile {
    /// Runs one transaction, for tests in which COMMIT does not fail.
    @discardableResult
    func write<T>(_ body: (Rows) throws -> T) throws -> T {
        try write(isWritten: { _ in false }, body).value
    }
}
