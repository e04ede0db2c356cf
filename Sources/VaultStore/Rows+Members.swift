import VaultText

/// A row of `slots`: a way to unlock a member's identity.
public struct SlotRow: Sendable, Equatable {
    /// The ID, 16 bytes.
    public let id: [UInt8]
    /// The ID of the member.
    public let member: [UInt8]
    /// `passphrase`, `key-file` or `recovery`.
    public let kind: String
    /// The salt of the key derivation.
    public let salt: [UInt8]
    /// The Argon2id memory in bytes; nil for other kinds than a passphrase.
    public let memory: Int64?
    /// The number of Argon2id passes; nil for other kinds than a passphrase.
    public let passes: Int64?
    /// The sealed identity.
    public let sealed: [UInt8]

    /// Creates a row.
    public init(
        id: [UInt8], member: [UInt8], kind: String, salt: [UInt8], memory: Int64?, passes: Int64?,
        sealed: [UInt8]
    ) {
        (self.id, self.member, self.kind, self.salt) = (id, member, kind, salt)
        (self.memory, self.passes, self.sealed) = (memory, passes, sealed)
    }
}

/// A row of `members`.
public struct MemberRow: Sendable, Equatable {
    /// The ID, 16 bytes.
    public let id: [UInt8]
    /// The name.
    public let name: String
    /// The role.
    public let role: String
    /// The Ed25519 public key.
    public let signKey: [UInt8]
    /// The X25519 public key.
    public let receiveKey: [UInt8]

    /// Creates a row.
    public init(id: [UInt8], name: String, role: String, signKey: [UInt8], receiveKey: [UInt8]) {
        (self.id, self.name, self.role) = (id, name, role)
        (self.signKey, self.receiveKey) = (signKey, receiveKey)
    }

    /// Compares texts by their bytes.
    public static func == (a: MemberRow, b: MemberRow) -> Bool {
        a.id == b.id && a.name.hasSameBytes(as: b.name) && a.role.hasSameBytes(as: b.role)
            && a.signKey == b.signKey && a.receiveKey == b.receiveKey
    }
}

/// A row of `epochs`: a generation of the master key.
public struct EpochRow: Sendable, Equatable {
    /// The number of the epoch, from 1.
    public let epoch: UInt64
    /// The commitment to the master key.
    public let commitment: [UInt8]
    /// The X25519 public key that deposits are sealed to.
    public let depositKey: [UInt8]
    /// The previous master key, sealed under this one, while a rotation is in progress.
    public let sealedPrevious: [UInt8]?

    /// Creates a row.
    public init(epoch: UInt64, commitment: [UInt8], depositKey: [UInt8], sealedPrevious: [UInt8]?) {
        (self.epoch, self.commitment) = (epoch, commitment)
        (self.depositKey, self.sealedPrevious) = (depositKey, sealedPrevious)
    }
}

// Members and their slots, epochs and their grants, connector files.
extension Rows {
    /// Returns all members, ordered by ID.
    /// - Throws: A database error.
    public func members() throws -> [MemberRow] {
        try db.all("SELECT id, name, role, sign_key, receive_key FROM members ORDER BY id") {
            try MemberRow(
                id: $0.bytes(0), name: $0.text(1), role: $0.text(2), signKey: $0.bytes(3),
                receiveKey: $0.bytes(4))
        }
    }

    /// Inserts a member.
    /// - Throws: A database error.
    public func insertMember(_ member: MemberRow) throws {
        try db.run(
            "INSERT INTO members (id, name, role, sign_key, receive_key) VALUES (?, ?, ?, ?, ?)",
            [member.id, member.name, member.role, member.signKey, member.receiveKey])
    }

    /// Changes the role of a member.
    /// - Throws: A database error.
    public func setRole(_ role: String, of member: [UInt8]) throws {
        try db.run("UPDATE members SET role = ? WHERE id = ?", [role, member])
    }

    /// Deletes a member with their slots and grants.
    /// - Throws: A database error.
    public func deleteMember(_ id: [UInt8]) throws {
        db.discardsSealedBytes = true
        try db.run("DELETE FROM members WHERE id = ?", [id])
    }

    /// Returns the slots of a member, or all if that is nil, ordered by ID.
    /// - Throws: A database error.
    public func slots(of member: [UInt8]? = nil) throws -> [SlotRow] {
        try db.all(
            """
            SELECT id, member, kind, salt, memory, passes, sealed FROM slots
            WHERE member = ?1 OR ?1 IS NULL ORDER BY id
            """, [member]
        ) {
            try SlotRow(
                id: $0.bytes(0), member: $0.bytes(1), kind: $0.text(2), salt: $0.bytes(3),
                memory: $0.optionalNumber(4), passes: $0.optionalNumber(5), sealed: $0.bytes(6))
        }
    }

    /// Inserts a slot.
    /// - Throws: A database error.
    public func insertSlot(_ slot: SlotRow) throws {
        try db.run(
            "INSERT INTO slots (id, member, kind, salt, memory, passes, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [slot.id, slot.member, slot.kind, slot.salt, slot.memory, slot.passes, slot.sealed])
    }

    /// Deletes a slot.
    /// - Throws: A database error.
    public func deleteSlot(_ id: [UInt8]) throws {
        db.discardsSealedBytes = true
        try db.run("DELETE FROM slots WHERE id = ?", [id])
    }

    /// Returns all epochs in order.
    /// - Throws: A database error.
    public func epochs() throws -> [EpochRow] {
        try db.all("SELECT epoch, commitment, deposit_key, sealed_previous FROM epochs ORDER BY epoch") {
            try EpochRow(
                epoch: $0.unsigned(0), commitment: $0.bytes(1), depositKey: $0.bytes(2),
                sealedPrevious: $0.optionalBytes(3))
        }
    }

    /// Inserts an epoch.
    /// - Throws: A database error.
    public func insertEpoch(_ epoch: EpochRow) throws {
        try db.run(
            "INSERT INTO epochs (epoch, commitment, deposit_key, sealed_previous) VALUES (?, ?, ?, ?)",
            [epoch.epoch, epoch.commitment, epoch.depositKey, epoch.sealedPrevious])
    }

    /// Deletes an epoch with its grants, and the copy of its key in the next epoch.
    /// - Throws: A database error.
    public func retireEpoch(_ epoch: UInt64) throws {
        db.discardsSealedBytes = true
        try db.run("DELETE FROM epochs WHERE epoch = ?", [epoch])
        try db.run("UPDATE epochs SET sealed_previous = NULL WHERE epoch = ?", [epoch + 1])
    }

    /// Returns the sealed master key of an epoch for a member.
    /// - Throws: A database error.
    public func grant(epoch: UInt64, member: [UInt8]) throws -> [UInt8]? {
        try db.bytes("SELECT sealed FROM grants WHERE epoch = ? AND member = ?", [epoch, member])
    }

    /// Inserts a grant.
    /// - Throws: A database error.
    public func insertGrant(epoch: UInt64, member: [UInt8], sealed: [UInt8]) throws {
        try db.run(
            "INSERT INTO grants (epoch, member, sealed) VALUES (?, ?, ?)", [epoch, member, sealed])
    }

    /// Deletes the grants of a member.
    /// - Throws: A database error.
    public func deleteGrants(of member: [UInt8]) throws {
        db.discardsSealedBytes = true
        try db.run("DELETE FROM grants WHERE member = ?", [member])
    }

    /// Returns the IDs of the members with a grant of an epoch, in order.
    /// - Throws: A database error.
    public func grantedMembers(epoch: UInt64) throws -> [[UInt8]] {
        try db.all("SELECT member FROM grants WHERE epoch = ? ORDER BY member", [epoch]) { $0.bytes(0) }
    }

    /// Returns the YAML of an added connector.
    /// - Throws: A database error.
    public func connectorSource(_ name: String) throws -> String? {
        try db.text("SELECT source FROM connectors WHERE name = ?", [name])
    }

    /// Returns the names of the added connectors, in order.
    /// - Throws: A database error.
    public func connectorNames() throws -> [String] {
        try db.all("SELECT name FROM connectors ORDER BY name") { try $0.text(0) }
    }

    /// Inserts or replaces a connector.
    /// - Throws: A database error.
    public func putConnector(_ name: String, source: String) throws {
        try db.run("INSERT OR REPLACE INTO connectors (name, source) VALUES (?, ?)", [name, source])
    }

    /// Deletes a connector.
    /// - Throws: A database error.
    public func deleteConnector(_ name: String) throws {
        try db.run("DELETE FROM connectors WHERE name = ?", [name])
    }

    /// Returns whether a connection or OAuth 2.0 client uses a connector.
    /// - Throws: A database error.
    public func isConnectorUsed(_ name: String) throws -> Bool {
        try db.count("owners WHERE kind IN ('connection', 'client') AND connector = ?", [name]) > 0
    }
}
