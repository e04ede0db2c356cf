import VaultCore
import VaultWire

/// The environment of a child process: the inherited variables, without the vault's own, and the ones that are set.
///
/// Values are held as lent pieces; they are assembled only in the wiped block that `build` creates for the start.
struct ChildEnvironment: ~Copyable {
    /// The variables that the child inherits.
    enum Inheritance {
        /// All but those that this program reads, which tell where the vault and its key are. HashiCorp's variables
        /// (`VAULT_ADDR`, `VAULT_TOKEN`, …) are inherited.
        case everything
        /// `--pristine`.
        case pristine

        private static let ofTheVault = [
            "VAULT_CONNECT_TO", "VAULT_FILE", "VAULT_KEY_FILE", "VAULT_MEMBER", "VAULT_PASSPHRASE_FILE",
            "VAULT_REASON",
        ]
        private static let pristineNames = [
            "PATH", "HOME", "TERM", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR",
        ]

        fileprivate func includes(_ name: String) -> Bool {
            switch self {
            case .everything: !Self.ofTheVault.contains(name)
            case .pristine: Self.pristineNames.contains(name) || name.hasPrefix("LC_")
            }
        }
    }

    private let inheritance: Inheritance
    private var variables: [(name: String, pieces: [EnvironmentPiece])] = []

    init(inheriting inheritance: Inheritance) {
        self.inheritance = inheritance
    }

    /// Sets a variable to the concatenated pieces, replacing an inherited one.
    ///
    /// - Throws: `variableName` for an invalid name, `variableTwice` for a name that was set before, `zeroByteInValue`.
    mutating func set(_ name: String, pieces: [EnvironmentPiece]) throws(ChildError) {
        let valid = !name.isEmpty && !name.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
        guard valid else { throw .variableName(name) }
        guard !variables.contains(where: { $0.name == name }) else { throw .variableTwice(name) }
        for piece in pieces where piece.hasZeroByte { throw .zeroByteInValue(variable: name) }
        variables.append((name, pieces))
    }

    /// Builds the block for `execve`.
    ///
    /// Inherited variables come first, in their order and with their exact bytes.
    func build() -> EnvironmentBlock {
        var entries: [[EnvironmentPiece]] = []
        for variable in InheritedVariable.all {
            guard let name = variable.name, inheritance.includes(name) else { continue }
            if !variables.contains(where: { $0.name == name }) { entries.append([.inherited(variable)]) }
        }
        entries += variables.map { [EnvironmentPiece.text($0.name + "=")] + $0.pieces }
        return EnvironmentBlock(entries)
    }
}

extension ChildEnvironment {
    /// The inherited variables, and those of a proxy's connections.
    init(_ proxy: StartProxy.Answer) throws(ChildError) {
        self.init(inheriting: .everything)
        for variable in proxy.variables {
            try set(variable.name, pieces: variable.pieces.map(EnvironmentPiece.init))
        }
    }
}
