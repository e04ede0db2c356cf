import VaultText

/// A way to unlock a member, as its row has it.
public struct SlotRow: Sendable, Equatable {
    public let id: [UInt8]
    public let member: [UInt8]
    public let kind: String
    public let salt: [UInt8]
    public let memory: Int64?
    public let passes: Int64?
    public let sealed: [UInt8]

    public init(
        id: [UInt8], member: [UInt8], kind: String, salt: [UInt8], memory: Int64?, passes: Int64?,
        sealed: [UInt8]
    ) {
        self.id = id
        self.member = member
        self.kind = kind
        self.salt = salt
        self.memory = memory
        self.passes = passes
        self.sealed = sealed
    }

    static let columns = "id, member, kind, salt, memory, passes, sealed"
}

public struct MemberRow: Sendable, Equatable {
    public let id: [UInt8]
    public let name: String
    public let role: String
    public let signKey: [UInt8]
    public let receiveKey: [UInt8]

    public init(id: [UInt8], name: String, role: String, signKey: [UInt8], receiveKey: [UInt8]) {
        self.id = id
        self.name = name
        self.role = role
        self.signKey = signKey
        self.receiveKey = receiveKey
    }

    public static func == (a: MemberRow, b: MemberRow) -> Bool {
        a.id == b.id && a.name.hasSameBytes(as: b.name) && a.role.hasSameBytes(as: b.role)
            && a.signKey == b.signKey && a.receiveKey == b.receiveKey
    }
}

public struct EpochRow: Sendable, Equatable {
    public let epoch: UInt64
    public let commitment: [UInt8]
    public let depositKey: [UInt8]
    /// The key before, sealed under this one, while a rotation goes on.
    public let sealedPrevious: [UInt8]?

    public init(epoch: UInt64, commitment: [UInt8], depositKey: [UInt8], sealedPrevious: [UInt8]?) {
        self.epoch = epoch
        self.commitment = commitment
        self.depositKey = depositKey
        self.sealedPrevious = sealedPrevious
    }
}

// Members and their slots; epochs and who was granted their keys; connector files.
extension Rows {
    public func members() throws -> [MemberRow] {
        try db.all("SELECT id, name, role, sign_key, receive_key FROM members ORDER BY id") {
            MemberRow(
                id: $0.bytes(0), name: try $0.text(1), role: try $0.text(2), signKey: $0.bytes(3),
                receiveKey: $0.bytes(4))
        }
    }

    public func insertMember(_ member: MemberRow) throws {
        try db.run(
            "INSERT INTO members (id, name, role, sign_key, receive_key) VALUES (?, ?, ?, ?, ?)",
            [member.id, member.name, member.role, member.signKey, member.receiveKey])
    }

    public func setRole(_ role: String, of member: [UInt8]) throws {
        try db.run("UPDATE members SET role = ? WHERE id = ?", [role, member])
    }

    /// Forgets a member, with their slots and grants.
    public func deleteMember(_ id: [UInt8]) throws {
        db.discardsSeals = true
        try db.run("DELETE FROM members WHERE id = ?", [id])
    }

    public func slots() throws -> [SlotRow] {
        try slots("SELECT \(SlotRow.columns) FROM slots ORDER BY id", [])
    }

    public func slots(of member: [UInt8]) throws -> [SlotRow] {
        try slots("SELECT \(SlotRow.columns) FROM slots WHERE member = ? ORDER BY id", [member])
    }

    private func slots(_ sql: String, _ values: [any Bindable]) throws -> [SlotRow] {
        try db.all(sql, values) {
            SlotRow(
                id: $0.bytes(0), member: $0.bytes(1), kind: try $0.text(2), salt: $0.bytes(3),
                memory: try $0.optionalNumber(4), passes: try $0.optionalNumber(5), sealed: $0.bytes(6))
        }
    }

    public func insertSlot(_ slot: SlotRow) throws {
        try db.run(
            "INSERT INTO slots (id, member, kind, salt, memory, passes, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [slot.id, slot.member, slot.kind, slot.salt, slot.memory, slot.passes, slot.sealed])
    }

    public func deleteSlot(_ id: [UInt8]) throws {
        db.discardsSeals = true
        try db.run("DELETE FROM slots WHERE id = ?", [id])
    }

    public func epochs() throws -> [EpochRow] {
        try db.all("SELECT epoch, commitment, deposit_key, sealed_previous FROM epochs ORDER BY epoch") {
            EpochRow(
                epoch: try $0.count(0), commitment: $0.bytes(1), depositKey: $0.bytes(2),
                sealedPrevious: $0.optionalBytes(3))
        }
    }

    public func insertEpoch(_ epoch: EpochRow) throws {
        try db.run(
            "INSERT INTO epochs (epoch, commitment, deposit_key, sealed_previous) VALUES (?, ?, ?, ?)",
            [Int64(epoch.epoch), epoch.commitment, epoch.depositKey, epoch.sealedPrevious])
    }

    /// Forgets an epoch: its grants, its row, and its key's copy under the next one.
    public func retireEpoch(_ epoch: UInt64) throws {
        db.discardsSeals = true
        try db.run("DELETE FROM epochs WHERE epoch = ?", [Int64(epoch)])
        try db.run("UPDATE epochs SET sealed_previous = NULL WHERE epoch = ?", [Int64(epoch) + 1])
    }

    public func grant(epoch: UInt64, member: [UInt8]) throws -> [UInt8]? {
        try db.first("SELECT sealed FROM grants WHERE epoch = ? AND member = ?", [epoch, member]) {
            $0.bytes(0)
        }
    }

    public func insertGrant(epoch: UInt64, member: [UInt8], sealed: [UInt8]) throws {
        try db.run(
            "INSERT INTO grants (epoch, member, sealed) VALUES (?, ?, ?)", [Int64(epoch), member, sealed])
    }

    public func deleteGrants(of member: [UInt8]) throws {
        db.discardsSeals = true
        try db.run("DELETE FROM grants WHERE member = ?", [member])
    }

    /// The members who hold a grant of an epoch.
    public func grantedMembers(epoch: UInt64) throws -> [[UInt8]] {
        try db.all("SELECT member FROM grants WHERE epoch = ? ORDER BY member", [epoch]) { $0.bytes(0) }
    }

    public func connectorSource(_ name: String) throws -> String? {
        try db.text("SELECT source FROM connectors WHERE name = ?", [name])
    }

    public func connectorNames() throws -> [String] {
        try db.all("SELECT name FROM connectors ORDER BY name") { try $0.text(0) }
    }

    public func putConnector(_ name: String, source: String) throws {
        try db.run("INSERT OR REPLACE INTO connectors (name, source) VALUES (?, ?)", [name, source])
    }

    public func deleteConnector(_ name: String) throws {
        try db.run("DELETE FROM connectors WHERE name = ?", [name])
    }

    public func isConnectorUsed(_ name: String) throws -> Bool {
        try db.number(
            "SELECT EXISTS (SELECT 1 FROM owners WHERE kind IN ('connection', 'client') AND connector = ?)",
            [name]) == 1
    }
}
