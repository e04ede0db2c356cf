import Libc
import VaultMasking

/// An environment for `execve`: pointers first, then `NAME=value` strings, in one allocation that is wiped on release.
final class EnvironmentBlock {
    private typealias Entry = UnsafeMutablePointer<CChar>?

    private let memory: WipedMemory
    private let count: Int

    /// Copies the pieces of each string.
    init(_ variables: [[EnvironmentPiece]]) {
        count = variables.count
        var end = unsafe (count + 1) * MemoryLayout<Entry>.stride
        memory = WipedMemory(count: end + variables.joined().reduce(count) { $0 + $1.count })
        for (index, pieces) in variables.enumerated() {
            let start = unsafe memory.bytes.baseAddress! + end
            unsafe pointers[index] = unsafe start.assumingMemoryBound(to: CChar.self)
            for piece in pieces {
                unsafe piece.withBytes { bytes in
                    let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[end...])
                    unsafe place.copyMemory(from: bytes)
                    end += bytes.count
                }
            }
            end += 1
        }
    }

    /// `envp`, terminated by a null pointer and valid as long as this object.
    var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        unsafe memory.bytes.baseAddress!.assumingMemoryBound(to: Entry.self)
    }

    /// The whole block, for overwriting a copy of it in another process.
    var bytes: UnsafeMutableRawBufferPointer { unsafe memory.bytes }

    /// The value of a variable.
    func value(of name: String) -> String? {
        let prefix = name + "="
        for index in 0..<count {
            let entry = unsafe pointers[index]!
            guard unsafe strncmp(entry, prefix, prefix.utf8.count) == 0 else { continue }
            return unsafe String(cString: entry + prefix.utf8.count)
        }
        return nil
    }
}
