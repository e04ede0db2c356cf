import CPlatform
import Libc
import VaultCore
import VaultMasking
import VaultWire

/// The environment of a child process: the inherited variables, without the vault's own, and the ones that are set.
///
/// Values are held as lent pieces; they are assembled only in the wiped block that `build` creates for the start.
struct ChildEnvironment: ~Copyable {
    /// The variables that the child inherits.
    enum Inheritance {
        /// All but the vault's own variables.
        case everything
        /// `--pristine`: only `InheritedVariables.pristineNames`.
        case pristine
    }

    private struct Variable {
        let name: String
        let pieces: [EnvironmentPiece]
    }

    private let inheritance: Inheritance
    private var variables: [Variable] = []

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
        variables.append(Variable(name: name, pieces: pieces))
    }

    /// Builds the block for `execve`: pointers first, then `NAME=value` strings, in one wiped allocation.
    ///
    /// Inherited variables come first, in their order and with their exact bytes.
    func build() -> EnvironmentBlock {
        var inherited: [UnsafeMutablePointer<CChar>] = unsafe []
        var size = 0
        var next = unsafe platform_environment()
        while let entry = unsafe next?.pointee {
            if unsafe passesOn(entry) {
                unsafe inherited.append(entry)
                unsafe size += Int(strlen(entry)) + 1
            }
            unsafe next = unsafe next! + 1
        }
        for variable in variables {
            size += variable.name.utf8.count + 1 + variable.pieces.reduce(0) { $0 + $1.count } + 1
        }
        let block = unsafe EnvironmentBlock(entries: inherited.count + variables.count, size: size)
        for index in unsafe inherited.indices {
            let entry = unsafe inherited[index]
            unsafe block.append(UnsafeRawBufferPointer(start: entry, count: Int(strlen(entry))))
            block.endEntry()
        }
        for variable in variables {
            block.append(variable.name)
            block.append("=")
            for piece in variable.pieces { unsafe piece.withBytes { unsafe block.append($0) } }
            block.endEntry()
        }
        return block
    }

    private func passesOn(_ entry: UnsafeMutablePointer<CChar>) -> Bool {
        var length = 0
        while unsafe entry[length] != 0 && entry[length] != CChar(bitPattern: UInt8(ascii: "=")) {
            length += 1
        }
        guard unsafe entry[length] != 0 else { return false }
        let bytes = unsafe UnsafeRawBufferPointer(start: entry, count: length)
        let name = unsafe String(decoding: bytes, as: UTF8.self)
        if variables.contains(where: { $0.name == name }) { return false }
        switch inheritance {
        case .everything: return !InheritedVariables.ofTheVault.contains(name)
        case .pristine: return InheritedVariables.staysInPristine(name)
        }
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
