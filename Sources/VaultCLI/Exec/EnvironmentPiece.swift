import VaultCore
import VaultMemory

/// A part of a variable's value: text of the connector, or a secret.
enum EnvironmentPiece {
    case text(String)
    case secret(SharedSecret)
    /// A whole variable, with its name.
    case inherited(InheritedVariable)

    init(_ piece: ChildVariable.Piece) {
        switch piece {
        case .text(let text): self = .text(text)
        case .secret(let secret): self = .secret(secret)
        case .token: preconditionFailure("a variable without its token")
        }
    }

    var count: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .secret(let secret): secret.bytes.count
        case .inherited(let variable): unsafe variable.bytes.count
        }
    }

    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        switch self {
        case .text(var text): text.withUTF8 { unsafe body(UnsafeRawBufferPointer($0)) }
        case .secret(let secret): unsafe secret.bytes.withUnsafeBytes { unsafe body($0) }
        case .inherited(let variable): unsafe body(variable.bytes)
        }
    }

    var hasZeroByte: Bool {
        var found = false
        unsafe withBytes { bytes in unsafe found = bytes.contains(0) }
        return found
    }
}
