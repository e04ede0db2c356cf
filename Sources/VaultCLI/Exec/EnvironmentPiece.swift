import VaultMasking

/// A part of a variable's value: text of the connector, or a secret.
enum EnvironmentPiece {
    case text(String)
    case secret(any MaskableBytes)
}
