public import Foundation

/// The source tree that the tests were built from.
public enum Repository {
    public static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// - Parameter path: a path relative to the root, such as `docs/format.md`.
    public static func file(_ path: String) -> URL { root.appending(path: path) }

    /// - Parameter name: the name of a file in `Tests/Fixtures`.
    public static func fixture(_ name: String) -> URL { file("Tests/Fixtures/" + name) }
}
