import CPlatform
import Libc

/// A variable of this process, which a child may inherit.
@safe struct InheritedVariable {
    private let start: UnsafePointer<CChar>

    private init(_ start: UnsafePointer<CChar>) { unsafe self.start = unsafe start }

    /// All variables of this process, in their order.
    static var all: [InheritedVariable] {
        var all: [InheritedVariable] = []
        var next = unsafe platform_environment()
        while let start = unsafe next?.pointee {
            unsafe all.append(InheritedVariable(start))
            unsafe next = unsafe next! + 1
        }
        return all
    }

    /// `NAME=value`.
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start, count: Int(strlen(start)))
    }

    /// The name, or nil without a `=`.
    var name: String? {
        let bytes = unsafe self.bytes
        guard let end = unsafe bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return unsafe String(decoding: bytes[..<end], as: UTF8.self)
    }
}
