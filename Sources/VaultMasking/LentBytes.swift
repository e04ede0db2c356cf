// The room VaultMasking: finds secrets in a stream of bytes, in the forms in which programs write them, and replaces
// them. What is derived from a secret (a pattern to mask, bytes that may hold it) is a secret too: it is seen only
// inside a closure that lends it, and copied only into memory that is locked and wiped (`WipedMemory`). Nothing here
// opens, stores or prints one.

package import VaultMemory

/// Bytes that are lent for the time of a closure, and wiped by their owner.
package protocol LentBytes: AnyObject, Sendable {
    /// How many bytes there are.
    var count: Int { get }

    /// Lends the bytes; the pointer is not valid after `body` returns.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

/// A secret of the vault, lent to whoever masks it or hands it over.
package final class LentSecret: LentBytes {
    private let secret: SharedSecret

    package init(_ secret: SharedSecret) { self.secret = secret }

    package var count: Int { secret.bytes.count }

    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try unsafe secret.bytes.withUnsafeBytes { try unsafe body($0) }
    }
}
