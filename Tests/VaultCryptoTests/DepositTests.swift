import TestSupport
import Testing

@testable import VaultCrypto

@Suite struct DepositTests {
    private var key: MasterKey { MasterKey(epoch: 2, key: secretBytes(Sample.key)) }

    private func deposit(_ message: [UInt8]) throws -> [UInt8] {
        try Deposit.seal(secretBytes(message), address: Sample.address, depositPublic: key.depositPublic)
    }

    private func open(
        _ blob: [UInt8], _ address: SecretAddress = Sample.address, with other: [UInt8] = Sample.key
    ) -> Result<[UInt8], BoxError> {
        do throws(BoxError) {
            let key = MasterKey(epoch: 2, key: secretBytes(other))
            return .success(bytes(try Deposit.open(blob, address: address, masterKey: key)))
        } catch {
            return .failure(error)
        }
    }

    // case 12
    @Test func `a deposit opens, and its length reveals only the number of blocks`() throws {
        for length in [0, 1, 63, 64, 1000, Seal.maximumMessage] {
            let message = Randomness.bytes(length)
            let blob = try deposit(message)
            #expect(Deposit.isWellFormed(blob) && !Seal.isWellFormed(blob))
            #expect(blob.count == 49 + 64 * (length / 64 + 1))
            #expect(open(blob) == .success(message))
        }
        #expect(throws: BoxError.tooLarge) {
            try deposit([UInt8](repeating: 1, count: Seal.maximumMessage + 1))
        }
    }

    // case 2
    @Test func `a deposit does not open at another address or with another key`() throws {
        let blob = try deposit([1, 2, 3])
        for other in Sample.otherAddresses { #expect(open(blob, other) == .failure(.notAuthentic)) }
        #expect(open(blob, with: Sample.otherKey) == .failure(.notAuthentic))
    }

    // cases 1, 6
    @Test func `altered deposits do not open`() throws {
        let blob = try deposit([1, 2, 3])
        for index in blob.indices {
            let expected: BoxError = index == 0 ? .format : .notAuthentic
            #expect(open(blob.flipping(byte: index)) == .failure(expected))
        }
        let swapped: [UInt8] = [1] + blob.dropFirst()
        let shapes: [[UInt8]] = [[], Array(blob.dropLast()), blob + [0], [2], swapped]
        for wrong in shapes {
            #expect(open(wrong) == .failure(.format))
            #expect(!Deposit.isWellFormed(wrong))
        }
        #expect(VaultCryptoTests.open(blob) == .failure(.format))
    }

    // case 24
    @Test(arguments: lowOrderPoints) func `points of low order are rejected`(point: [UInt8]) throws {
        #expect(throws: BoxError.lowOrderPoint) {
            try Deposit.seal(secretBytes([1]), address: Sample.address, depositPublic: point)
        }
        #expect(open([2] + point + (try deposit([1])).dropFirst(33)) == .failure(.lowOrderPoint))
    }

    @Test func `a public key of another length is rejected`() {
        #expect(throws: BoxError.format) {
            try Deposit.seal(secretBytes([1]), address: Sample.address, depositPublic: [1, 2])
        }
    }

    // case 25
    @Test func `the depositor's own key does not open the deposit`() throws {
        let depositor = Identity.generate()
        let blob = try deposit([1, 2, 3])
        let info = Deposit.info(Sample.address)
        #expect(throws: BoxError.notAuthentic) {
            _ = try SealedBox.open(blob.dropFirst(), with: depositor.receiving, info: info)
        }
        let again = try deposit([1, 2, 3])
        #expect(blob[1..<33] != again[1..<33], "the ephemeral key was reused")
    }

    @Test func `an authentic deposit with invalid padding is rejected`() throws {
        let box = try SealedBox.seal(
            SecretBytes(count: 64), to: key.depositPublic, info: Deposit.info(Sample.address))
        #expect(open([2] + box) == .failure(.notAuthentic))
        #expect(throws: BoxError.format) {
            _ = try SealedBox.open([1, 2], with: SecretBytes(count: 32), info: [])
        }
    }
}
