// Exec: a command of the user's, run with secrets in its environment and masked in its output.
//
// The rule of this folder: a secret is seen only inside a closure that lends it, and copied only into memory that is
// locked and wiped (`WipedMemory`). What is derived from a secret (a pattern to mask, an environment block, bytes read
// from the child) is a secret too. Nothing here opens, stores or prints one.

/// Bytes that are lent for the time of a closure, and wiped by their owner.
protocol LentBytes: AnyObject, Sendable {
    /// How many bytes there are.
    var count: Int { get }

    /// Lends the bytes; the pointer is not valid after `body` returns.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

/// A part of a variable's value: what the connector says, or a secret.
enum EnvironmentPiece {
    case text(String)
    case secret(any LentBytes)
}
