public import VaultCore
public import VaultLedger
import VaultMemory

/// What each side says first. The form of the protocol is one number: two that differ do not speak.
public struct Hello: Codable, Sendable {
    /// The form of the protocol that this program speaks. It grows with every change of a question or an answer.
    public static let current = 5

    public let form: Int
    /// The program's version, for a message to a person.
    public let version: String
    /// From an agent: the member whom the vault is open as; nil while it is locked.
    public let openAs: String?

    public init(version: String, openAs: String? = nil) {
        (form, self.version, self.openAs) = (Self.current, version, openAs)
    }

    public init(from decoder: any Decoder) throws {
        let members = try MemberDecoder.of(decoder)
        form = try members.decode(Int.self, "form")
        version = try members.decode(String.self, "version")
        openAs = members.has("openAs") ? try members.decode(String.self, "openAs") : nil
    }

    public func encode(to encoder: any Encoder) throws {
        let members = try MemberEncoder.of(encoder)
        try members.encode(form, "form")
        try members.encode(version, "version")
        if let openAs { try members.encode(openAs, "openAs") }
    }

    /// Throws where the other side speaks another form.
    public func check() throws(AgentFault) {
        if form < Self.current { throw .older(version: version) }
        if form > Self.current { throw .newer(version: version) }
    }
}

/// What comes with every question.
public struct Asking: Codable, Sendable {
    /// The question's name: which type it is.
    public let name: String
    /// The member who asks, where that is said.
    public let member: String?
    /// The user's words for the ledger.
    public let reason: String?
    /// The id that the entries of this operation get, so that the asker finds them when the answer is lost.
    public let operation: Identifier?

    public init(_ name: String, member: String?, reason: String?, operation: Identifier? = nil) {
        (self.name, self.member, self.reason, self.operation) = (name, member, reason, operation)
    }

    public init(from decoder: any Decoder) throws {
        let members = try MemberDecoder.of(decoder)
        name = try members.decode(String.self, "name")
        member = members.has("member") ? try members.decode(String.self, "member") : nil
        reason = members.has("reason") ? try members.decode(String.self, "reason") : nil
        operation = members.has("operation") ? try members.decode(Identifier.self, "operation") : nil
    }

    public func encode(to encoder: any Encoder) throws {
        let members = try MemberEncoder.of(encoder)
        try members.encode(name, "name")
        if let member { try members.encode(member, "member") }
        if let reason { try members.encode(reason, "reason") }
        if let operation { try members.encode(operation, "operation") }
    }
}

// Every header is one value; a question's is two, the question itself under `value`.
extension Frame {
    public init(_ kind: Kind, _ value: some Encodable) throws(AgentFault) {
        do {
            let (json, secrets) = try encodeWire(value)
            self.init(kind, header: json.bytes, secrets: secrets)
        } catch {
            throw .malformed
        }
        guard fits else { throw .overloaded }
    }

    public init<Q: Question>(
        asking question: Q, member: String?, reason: String?, operation: Identifier? = nil
    ) throws(AgentFault) {
        let asking = Asking(Q.name, member: member, reason: reason, operation: operation)
        try self.init(.question, Asked(asking: asking, value: question))
    }

    /// The value of this frame's header.
    public func value<T: Decodable>(_ type: T.Type = T.self) throws(AgentFault) -> T {
        do { return try decodeWire(type, try JSON.parse(header), secrets) } catch { throw .malformed }
    }

    /// Who asks what.
    public func asking() throws(AgentFault) -> Asking {
        do {
            guard let json = try JSON.parse(header)["asking"] else { throw AgentFault.malformed }
            return try decodeWire(Asking.self, json, [])
        } catch {
            throw .malformed
        }
    }

    /// The question itself.
    public func question<Q: Question>(_ type: Q.Type) throws(AgentFault) -> Q {
        do {
            guard let json = try JSON.parse(header)["value"] else { throw AgentFault.malformed }
            return try decodeWire(type, json, secrets)
        } catch {
            throw .malformed
        }
    }
}

private struct Asked<Q: Question>: Encodable {
    let asking: Asking
    let value: Q

    func encode(to encoder: any Encoder) throws {
        let members = try MemberEncoder.of(encoder)
        try members.encode(asking, "asking")
        try members.encode(value, "value")
    }
}

/// Unlocks the agent's vault.
public struct Unlock: Question {
    public typealias Answer = AgentStatus
    public let member: String?
    public let credential: Credential
    /// How long it stays unlocked, in seconds, the time that the machine sleeps among them; nil for as long as the
    /// agent runs.
    public let seconds: Int64?

    public init(_ member: String?, with credential: Credential, seconds: Int64?) {
        (self.member, self.credential, self.seconds) = (member, credential, seconds)
    }
}

/// Locks it again: every key is wiped, and whatever goes on ends.
public struct Lock: Question {
    public typealias Answer = Done
    public init() {}
}

public struct AskStatus: Question {
    public typealias Answer = AgentStatus
    public init() {}
}

/// How an agent stands.
public struct AgentStatus: Codable, Sendable, Equatable {
    public let pid: Int32
    public let version: String
    /// Nil while it is locked.
    public let open: Open?
    /// Bytes of memory that the system keeps out of swap for it; nil where the system does not say.
    public let lockedMemory: Int64?
    public let memoryIsLocked: Bool

    public struct Open: Codable, Sendable, Equatable {
        public let member: String
        public let since: Timestamp
        /// Nil for as long as it runs.
        public let until: Timestamp?

        public init(member: String, since: Timestamp, until: Timestamp?) {
            (self.member, self.since, self.until) = (member, since, until)
        }
    }

    public init(pid: Int32, version: String, open: Open?, lockedMemory: Int64?, memoryIsLocked: Bool) {
        (self.pid, self.version, self.open) = (pid, version, open)
        (self.lockedMemory, self.memoryIsLocked) = (lockedMemory, memoryIsLocked)
    }
}
