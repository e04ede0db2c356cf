import VaultMasking

/// An environment for `execve`, in one allocation that is wiped on release.
final class EnvironmentBlock {
    private typealias Entry = UnsafeMutablePointer<CChar>?

    private let memory: WipedMemory
    private let stringsStart: Int
    private var count = 0
    private var entryStart: Int
    private var end: Int

    /// - Parameters:
    ///   - entries: The number of variables.
    ///   - size: The bytes of all strings, including their final zeros.
    init(entries: Int, size: Int) {
        stringsStart = unsafe (entries + 1) * MemoryLayout<Entry>.stride
        entryStart = stringsStart
        end = stringsStart
        memory = WipedMemory(count: stringsStart + size)
    }

    /// `envp`, terminated by a null pointer and valid as long as this object.
    var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        unsafe memory.bytes.baseAddress!.assumingMemoryBound(to: Entry.self)
    }

    /// The whole block, for overwriting a copy of it in another process.
    var bytes: UnsafeMutableRawBufferPointer { unsafe memory.bytes }

    func append(_ bytes: UnsafeRawBufferPointer) {
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[end..<end + bytes.count])
        unsafe place.copyMemory(from: bytes)
        end += bytes.count
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    /// Ends the current string, and adds it to the pointers.
    func endEntry() {
        let start = unsafe memory.bytes.baseAddress! + entryStart
        unsafe pointers[count] = unsafe start.assumingMemoryBound(to: CChar.self)
        count += 1
        end += 1
        entryStart = end
    }

    /// The value of a variable.
    func value(of name: String) -> String? {
        let prefix = Array(name.utf8) + [UInt8(ascii: "=")]
        for index in 0..<count {
            let entry = unsafe pointers[index]!
            let matches = prefix.indices.allSatisfy { unsafe UInt8(bitPattern: entry[$0]) == prefix[$0] }
            if matches { return unsafe String(cString: entry + prefix.count) }
        }
        return nil
    }
}
