import CPlatform
import VaultMasking

/// The environment of a child process: what is inherited, without the vault's own variables, and what is set.
///
/// Held as names and lent pieces; the values exist only in the one wiped block that `build` makes for the start.
struct ChildEnvironment: ~Copyable {
    /// What of the vault's own environment the child sees.
    enum Inheritance {
        /// Everything but the vault's own variables.
        case everything
        /// `--pristine`: only what a program needs to find its way (`pristineNames`).
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

    /// Sets a variable, in place of an inherited one of that name.
    ///
    /// The pieces follow one another without anything between. Two connections that set the same variable are an error:
    /// which one wins would be a guess.
    mutating func set(_ name: String, pieces: [EnvironmentPiece]) throws(ChildError) {
        let valid = !name.isEmpty && !name.utf8.contains { $0 == UInt8(ascii: "=") || $0 == 0 }
        guard valid else { throw .variableName(name) }
        guard !variables.contains(where: { $0.name == name }) else { throw .variableTwice(name) }
        for piece in pieces where piece.hasZeroByte { throw .zeroByteInValue(variable: name) }
        variables.append(Variable(name: name, pieces: pieces))
    }

    /// Makes the block for the start of a child: pointers first, then `NAME=value` strings, in one wiped allocation.
    ///
    /// Inherited variables keep their order and their bytes, whatever their encoding; the set ones follow.
    func build() -> EnvironmentBlock {
        var inherited: [UnsafeMutablePointer<CChar>] = unsafe []
        var size = 0
        var next = unsafe platform_environment()
        while let entry = unsafe next?.pointee {
            if unsafe passesOn(entry) {
                unsafe inherited.append(entry)
                unsafe size += cStringLength(entry) + 1
            }
            unsafe next = unsafe next! + 1
        }
        for variable in variables {
            size += variable.name.utf8.count + 1 + variable.pieces.reduce(0) { $0 + $1.count } + 1
        }
        let block = unsafe EnvironmentBlock(entries: inherited.count + variables.count, size: size)
        for index in unsafe inherited.indices {
            let entry = unsafe inherited[index]
            unsafe block.append(UnsafeRawBufferPointer(start: entry, count: cStringLength(entry)))
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

extension EnvironmentPiece {
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

func cStringLength(_ string: UnsafePointer<CChar>) -> Int {
    var length = 0
    while unsafe string[length] != 0 { length += 1 }
    return length
}
