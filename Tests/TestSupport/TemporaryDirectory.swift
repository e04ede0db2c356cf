import Foundation

/// A private directory (mode 0700) that is deleted together with this object.
public final class TemporaryDirectory: Sendable {
    public let path: String

    /// - Parameter inMemory: uses a file system in memory where there is one, for tests that do not depend on the disk.
    public init(inMemory: Bool = false) {
        let memory = "/dev/shm"
        let base =
            inMemory && FileManager.default.isWritableFile(atPath: memory)
            ? memory : FileManager.default.temporaryDirectory.path
        path = base + "/vault-\(UUID().uuidString)"
        try! FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
