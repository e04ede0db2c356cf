import VaultCrypto
import VaultLedger
import VaultMemory
import VaultStore

/// Seals the secrets of one transaction, and reuses its buffers: under the master key, or as deposits to the deposit key
/// for a member who opens nothing.
struct SecretSealer: ~Copyable {
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
    /// A sealer under the current master key, or to the deposit key of its epoch for a member who may not open secrets, or
    /// chose to deposit.
    func secretSealer() throws -> SecretSealer {
        guard let epoch = state.epoch else { throw VaultError.integrity(.ledger(.noBeginning)) }
        guard session.isDepositing || !member.role.mayOpen else {
            return try session.masterKey(epoch.number, ledger, rows).key.withKey { SecretSealer(key: $0) }
        }
        // The key is taken from the ledger, not from the row: another key in the row is an attack (case 21).
        let row = try rows.epochs().first { $0.epoch == epoch.number }
        guard row?.depositKey == epoch.depositKey else {
            throw VaultError.integrity(.tampered(.epochRow(epoch: epoch.number)))
        }
        return SecretSealer(depositingTo: epoch.depositKey)
    }
}
