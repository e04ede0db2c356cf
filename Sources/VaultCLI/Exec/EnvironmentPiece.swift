import VaultCore
import VaultMasking
import VaultMemory

/// A part of a variable's value: text of the connector, or a secret.
enum EnvironmentPiece {
    case text(String)
    case secret(any MaskableBytes)

    init(_ piece: ChildVariable.Piece) {
        switch piece {
        case .text(let text): self = .text(text)
        case .secret(let secret): self = .secret(MaskableSecret(secret))
        case .token: preconditionFailure("a variable without its token")
        }
    }

    var count: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .secret(let secret): secret.count
        }
    }

    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        switch self {
        case .text(var text): text.withUTF8 { unsafe body(UnsafeRawBufferPointer($0)) }
        case .secret(let secret): unsafe secret.withBytes { unsafe body($0) }
        }
    }

    var hasZeroByte: Bool {
        var found = false
        unsafe withBytes { bytes in unsafe found = bytes.contains(0) }
        return found
    }
}
