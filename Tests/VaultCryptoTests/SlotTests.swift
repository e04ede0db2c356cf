import TestSupport
import Testing

@testable import VaultCrypto

@Suite struct SlotTests {
    private static let file = [UInt8](70..<102)

    private static func make(
        _ kind: SlotKind, _ credential: [UInt8] = file, seed: [UInt8] = Sample.key
    ) throws -> Slot {
        try Slot.make(
            kind: kind, for: Identity(seed: secretBytes(seed)), vault: Sample.vault, member: Sample.member,
            with: secretBytes(credential), cost: .floor)
    }

    /// The public key of the opened identity, or the error.
    private static func open(
        _ slot: Slot, _ credential: [UInt8] = file, vault: [UInt8] = Sample.vault
    ) -> Result<[UInt8], SlotError> {
        do throws(SlotError) {
            let identity = try slot.open(with: secretBytes(credential), vault: vault)
            return .success(identity.signPublic)
        } catch {
            return .failure(error)
        }
    }

    private static let opened = Result<[UInt8], SlotError>.success(
        Identity(seed: secretBytes(Sample.key)).signPublic)

    private static func with(
        _ slot: Slot, id: [UInt8]? = nil, member: [UInt8]? = nil, kind: SlotKind? = nil, salt: [UInt8]? = nil,
        memory: UInt64? = nil, passes: UInt64? = nil, blob: [UInt8]? = nil
    ) -> Slot {
        Slot(
            id: id ?? slot.id, member: member ?? slot.member, kind: kind ?? slot.kind,
            salt: salt ?? slot.salt,
            memory: memory ?? slot.memory, passes: passes ?? slot.passes, blob: blob ?? slot.blob)
    }

    @Test(arguments: SlotKind.allCases) func `each kind opens only with its credential`(kind: SlotKind)
        throws
    {
        let slot = try Self.make(kind)
        #expect(slot.id.count == 16 && slot.salt.count == 16 && slot.id != slot.salt)
        #expect((slot.memory == nil) == (kind != .passphrase))
        #expect(Self.open(slot) == Self.opened)
        #expect(Self.open(slot, Self.file.flipping(byte: 31)) == .failure(.wrongCredential))
        let other = Sample.vault.flipping(byte: 31)
        #expect(Self.open(slot, vault: other) == .failure(.wrongCredential))
    }

    @Test func `a slot with a changed field does not open`() throws {
        let slot = try Self.make(.keyFile)
        let moved = [
            Self.with(slot, id: slot.id.flipping(byte: 0)),
            Self.with(slot, member: slot.member.flipping(byte: 0)),
            Self.with(slot, kind: .recovery), Self.with(slot, salt: slot.salt.flipping(byte: 0)),
            Self.with(slot, blob: try Self.make(.keyFile).blob),
        ]
        for slot in moved { #expect(Self.open(slot) == .failure(.wrongCredential)) }
        let passphrase = try Self.make(.passphrase)
        let costlier = Self.with(passphrase, memory: 65 << 20)
        #expect(Self.open(costlier) == .failure(.wrongCredential))
    }

    private static let invalidCosts: [(memory: UInt64, passes: UInt64)] = [
        ((64 << 20) - 1, 3), (64 << 20, 2), (8192, 1), (0, 0), ((1 << 30) + 1, 3), (1 << 30, 11),
        (UInt64.max, 3),
        (64 << 20, UInt64.max), (1 << 40, 3),
    ]

    // cases 13, 14
    @Test(arguments: invalidCosts)
    func `a cost outside the bounds is rejected first`(memory: UInt64, passes: UInt64)
        throws
    {
        let slot = Self.with(try Self.make(.passphrase), memory: memory, passes: passes)
        #expect(Self.open(slot) == .failure(.costRefused))
        // The cost is checked before the credential.
        #expect(Self.open(slot, [0xff]) == .failure(.costRefused))
        #expect(throws: SlotError.costRefused) { try PassphraseCost(memory: memory, passes: passes) }
    }

    @Test func `the bounds are inclusive`() throws {
        #expect(try PassphraseCost(memory: 64 << 20, passes: 3) == .floor)
        #expect(try PassphraseCost(memory: 256 << 20, passes: 3) == .default)
        #expect(try PassphraseCost(memory: 1 << 30, passes: 10) == .ceiling)
    }

    // case 15
    @Test func `an unknown kind is rejected`() throws {
        for kind in SlotKind.allCases { #expect(try SlotKind(named: kind.rawValue) == kind) }
        for name in ["", "Passphrase", "scrypt", "key_file", "passphrase "] {
            #expect(throws: SlotError.unknownKind) { try SlotKind(named: name) }
        }
    }

    // case 19
    @Test func `accents may be composed or decomposed, spaces and returns are significant`() throws {
        let slot = try Self.make(.passphrase, Array("caf\u{e9} \u{ac00}".utf8))
        #expect(Self.open(slot, Array("cafe\u{301} \u{1100}\u{1161}".utf8)) == Self.opened)
        for other in ["cafe \u{ac00}", "caf\u{e9} \u{ac00} ", "caf\u{e9} \u{ac00}\r", " caf\u{e9} \u{ac00}"] {
            #expect(Self.open(slot, Array(other.utf8)) == .failure(.wrongCredential))
        }
    }

    // case 19
    @Test func `normalization changes only the form`() throws {
        func normal(_ text: String) throws -> [UInt8] { bytes(try Passphrase.normalize(secretBytes(text))) }
        // UAX #15: composition, order of marks, a singleton, an excluded composition.
        for (from, to) in [
            ("e\u{301}", "\u{e9}"), ("a\u{323}\u{302}", "\u{1ead}"), ("a\u{302}\u{323}", "\u{1ead}"),
            ("\u{212b}", "\u{c5}"), ("\u{958}", "\u{915}\u{93c}"), ("\u{fb01}", "\u{fb01}"),
            ("\u{1f511} \r\n", "\u{1f511} \r\n"),
            (String(repeating: "e\u{301}", count: 100), String(repeating: "\u{e9}", count: 100)),
        ] {
            #expect(try normal(from) == Array(to.utf8))
        }
        let ascii = "plain \t\u{0} text \r\n"
        #expect(try normal(ascii) == Array(ascii.utf8))
        #expect(try normal("") == [])
    }

    @Test func `a passphrase that is not UTF-8 is rejected`() throws {
        let slot = try Self.make(.passphrase)
        for wrong: [UInt8] in [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]] {
            #expect(Self.open(slot, wrong) == .failure(.malformedCredential))
            #expect(throws: SlotError.malformedCredential) { try Self.make(.passphrase, wrong) }
        }
    }

    @Test(arguments: [SlotKind.keyFile, .recovery])
    func `a key file or code of another length than 32 bytes is rejected`(kind: SlotKind) throws {
        let slot = try Self.make(kind)
        for wrong in [[], Array(Self.file.dropLast()), Self.file + [0]] {
            #expect(Self.open(slot, wrong) == .failure(.malformedCredential))
            #expect(throws: SlotError.malformedCredential) { try Self.make(kind, wrong) }
        }
    }

    // case 20
    @Test func `a damaged slot and a wrong credential give the same error`() throws {
        let slot = try Self.make(.keyFile)
        for index in slot.blob.indices.dropFirst() {
            let damaged = Self.with(slot, blob: slot.blob.flipping(byte: index))
            #expect(Self.open(damaged) == .failure(.wrongCredential))
        }
        let passphrase = try Self.make(.passphrase)
        let damaged = Self.with(passphrase, blob: passphrase.blob.flipping(byte: 100))
        #expect(Self.open(damaged) == Self.open(passphrase, [1, 2, 3]))
        #expect(Self.open(damaged) == .failure(.wrongCredential))
    }

    // case 20
    @Test func `a slot of the wrong shape has its own error`() throws {
        let slot = try Self.make(.keyFile)
        let wrong = [
            Self.with(slot, id: [1]), Self.with(slot, member: []), Self.with(slot, salt: [1, 2]),
            Self.with(slot, blob: []), Self.with(slot, blob: slot.blob.flipping(byte: 0)),
            Self.with(slot, blob: slot.blob + [UInt8](repeating: 0, count: 64)),
            Self.with(slot, memory: 64 << 20, passes: 3), Self.with(slot, kind: .passphrase),
        ]
        for slot in wrong { #expect(Self.open(slot) == .failure(.format)) }
        #expect(Self.open(slot, vault: [1]) == .failure(.format))
    }

    @Test func `a sealed seed of another length is rejected`() throws {
        let slot = try Self.make(.keyFile)
        let key = try slot.key(from: secretBytes(Self.file))
        let blob = try Seal.seal(
            SecretBytes(count: 31), key: key, purpose: .identity, aad: slot.aad(vault: Sample.vault))
        #expect(Self.open(Self.with(slot, blob: blob)) == .failure(.wrongCredential))
    }

    @Test func `Argon2id matches another implementation`() throws {
        // Computed by Python's cryptography package: 64 MiB, 3 passes, 1 lane.
        let key = try Passphrase.key(
            from: secretBytes("a passphrase "), salt: Array("0123456789abcdef".utf8), cost: .floor)
        #expect(bytes(key) == hex("4a2c3f26db251d2c5be81cf0d7d15c3066276cd2f046fed270841b7c02370301"))
        #expect(throws: SlotError.format) {
            _ = try Passphrase.key(from: secretBytes("a"), salt: [1], cost: .floor)
        }
    }
}
