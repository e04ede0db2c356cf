// Module VaultMasking: finds secrets in a stream of bytes, in the encodings that programs use, and replaces them. Data
// derived from a secret (patterns, buffered output) is secret as well: it is accessed only in closures, and copied only
// into locked memory that is wiped (`WipedMemory`).

package import VaultMemory

/// Secret bytes that are accessible only within a closure, and wiped by their owner.
package protocol MaskableBytes: AnyObject, Sendable {
    /// The number of bytes.
    var count: Int { get }

    /// Calls `body` with the bytes; the pointer is not valid after it returns.
    /// - Throws: errors of `body`.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

/// A secret of the vault, to be masked.
package final class MaskableSecret: MaskableBytes {
    private let secret: SharedSecret

    /// Wraps a secret without copying it.
    package init(_ secret: SharedSecret) { self.secret = secret }

    /// The number of bytes.
    package var count: Int { secret.bytes.count }

    /// Calls `body` with the bytes; the pointer is not valid after it returns.
    /// - Throws: errors of `body`.
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try unsafe secret.bytes.withUnsafeBytes { try unsafe body($0) }
    }
}
