import Testing

@testable import VaultMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct ShelfTests {
    private static let counts = [0, 1, 13, 32, 64, 127, 128, 129, 832, 1024, 1025, 5000]

    @Test(arguments: counts)
    func `what lies there holds nothing of the secrets before`(count: Int) throws {
        let secret = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 | 1) }
        // More than are kept, so that some are given back to the system.
        var pieces: [UnsafeMutableRawPointer] = unsafe []
        for _ in 0..<Shelf.places + 4 {
            let piece = unsafe try #require(Shelf.take(count))
            unsafe secret.withUnsafeBytes { source in
                if let start = source.baseAddress { unsafe piece.copyMemory(from: start, byteCount: count) }
            }
            unsafe pieces.append(piece)
        }
        unsafe pieces.forEach { unsafe Shelf.give($0, count) }
        for _ in 0..<Shelf.places + 4 {
            let piece = unsafe try #require(Shelf.take(count))
            defer { unsafe Shelf.give(piece, count) }
            let found = unsafe [UInt8](UnsafeRawBufferPointer(start: piece, count: count))
            #expect(count == 0 || found != secret)
            // New from the system it is filled with one byte; from here with zeros.
            #expect(Set(found).count <= 1)
        }
    }

    /// Behind it is the guard page.
    @Test(arguments: counts)
    func `a secret ends with its page`(count: Int) throws {
        let piece = unsafe try #require(Shelf.take(count))
        defer { unsafe Shelf.give(piece, count) }
        #expect(unsafe UInt(bitPattern: piece + count).isMultiple(of: UInt(sysconf(Int32(_SC_PAGESIZE)))))
    }

    @Test func `many threads never have the same piece`() async {
        await withTaskGroup(of: Bool.self) { group in
            for number in 1...8 {
                group.addTask {
                    for round in 0..<500 {
                        let mine = UInt8(truncatingIfNeeded: number &* 31 &+ round)
                        let secret = unsafe SecretBytes(count: 32) {
                            unsafe $0.initializeMemory(as: UInt8.self, repeating: mine)
                        }
                        await Task.yield()
                        guard unsafe secret.withUnsafeBytes({ unsafe $0.allSatisfy { $0 == mine } }) else {
                            return false
                        }
                    }
                    return true
                }
            }
            for await isMine in group { #expect(isMine) }
        }
    }
}
