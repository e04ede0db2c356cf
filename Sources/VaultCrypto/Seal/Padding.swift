internal import CSodium

/// ISO/IEC 7816-4 padding to blocks of 64 bytes (0x80, then zeros), so that a blob's length hides the exact length.
enum Padding {
    static let block = 64

    /// The padded length of a message, at least one byte more.
    static func length(of message: Int) -> Int { message / block * block + block }

    /// Copies the message to the start of `buffer` and pads it. Returns the padded length.
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

    /// The length of a padded message without its padding, or nil if the padding is invalid. Constant-time.
    static func messageLength(in padded: UnsafeRawBufferPointer) -> Int? {
        var length = 0
        let code = unsafe sodium_unpad(&length, padded.baseAddress!, padded.count, block)
        return code == 0 ? length : nil
    }
}
