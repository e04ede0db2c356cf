import VaultCrypto
import VaultLedger
import VaultMemory
import VaultStore

/// Seals the secrets of one transaction, with buffers that are used again: under the master key, or as deposits to its
/// public half by somebody who opens nothing.
struct SealBench: ~Copyable {
    private var sealer: Sealer?
    private let depositKey: [UInt8]
    private var aad: [UInt8] = []

    init(key: borrowing SecretBytes) {
        sealer = Sealer(key: key, purpose: .secret)
        depositKey = []
    }

    init(depositingTo key: [UInt8]) {
        sealer = nil
        depositKey = key
    }

    var deposits: Bool { !depositKey.isEmpty }

    mutating func seal(_ secret: SharedSecret, _ range: Range<Int>, _ address: SecretAddress) throws
        -> [UInt8]
    {
        guard depositKey.isEmpty else {
            return try Deposit.seal(secret.bytes.clone(range), address: address, depositPublic: depositKey)
        }
        address.write(into: &aad)
        return try unsafe secret.bytes.withUnsafeBytes { message in
            try unsafe aad.withUnsafeBytes { aad in
                try unsafe sealer!.seal(message: UnsafeRawBufferPointer(rebasing: message[range]), aad: aad) {
                    unsafe [UInt8]($0)
                }
            }
        }
    }
}

extension Transaction {
    /// What seals a secret now: the present master key, or where the member may not open, or does not want to, the
    /// deposit key that the ledger has of its epoch.
    func sealBench() throws -> SealBench {
        guard let epoch = state.epoch else { throw VaultError.ledger(.noBeginning) }
        guard session.isDepositing || !member.role.mayOpen else {
            return try session.masterKey(epoch.number, ledger, rows).key.withKey { SealBench(key: $0) }
        }
        // The row is not what is sealed to; one that says something else was put there by somebody (case 21).
        let row = try rows.epochs().first { $0.epoch == epoch.number }
        guard row?.depositKey == epoch.depositKey else {
            throw VaultError.tampered(.epochRow(epoch: epoch.number))
        }
        return SealBench(depositingTo: epoch.depositKey)
    }
}
