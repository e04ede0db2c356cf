// Exec: a command of the user's, run with secrets in its environment and masked in its output.
//
// The rule of this folder: a secret is seen only inside a closure that lends it, and copied only into memory that is
// locked and wiped (`WipedMemory`). What is derived from a secret (an environment block, bytes read from the child) is
// a secret too. Nothing here opens, stores or prints one.

import VaultMasking

/// A part of a variable's value: what the connector says, or a secret.
enum EnvironmentPiece {
    case text(String)
    case secret(any LentBytes)
}
