internal import CSodium

/// ISO/IEC 7816-4 padding to whole blocks of 64: one 0x80, then zeros, so that a length tells only its class.
enum Padding {
    static let block = 64

    /// The length of a message once padded; always at least one byte more.
    static func length(of message: Int) -> Int { message / block * block + block }

    /// Copies the message to the start of `buffer` and pads it; the padded length is returned.
    static func pad(_ message: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawPointer) -> Int {
        let padded = length(of: message.count)
        if let start = message.baseAddress {
            unsafe buffer.copyMemory(from: start, byteCount: message.count)
        }
        unsafe (buffer + message.count).storeBytes(of: 0x80, as: UInt8.self)
        let rest = padded - message.count - 1
        unsafe (buffer + message.count + 1).initializeMemory(as: UInt8.self, repeating: 0, count: rest)
        return padded
    }

    /// The length of the message in a padded one, or `nil` if it is not padded so; in constant time.
    static func messageLength(in padded: UnsafeRawBufferPointer) -> Int? {
        var length = 0
        let code = unsafe sodium_unpad(&length, padded.baseAddress!, padded.count, block)
        return code == 0 ? length : nil
    }
}
