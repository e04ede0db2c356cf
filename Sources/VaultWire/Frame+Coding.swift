public import VaultCore
public import VaultLedger

/// What accompanies every request.
public struct RequestContext: Codable, Sendable {
    /// The name of the request's type.
    public let name: String
    /// The member that the request is sent as; nil accepts the unlocked member.
    public let member: String?
    /// The user's reason, for the ledger.
    public let reason: String?
    /// The operation ID for the ledger entries, with which the client finds them if the answer is lost.
    public let operation: Identifier?

    init(_ name: String, member: String?, reason: String?, operation: Identifier?) {
        (self.name, self.member, self.reason, self.operation) = (name, member, reason, operation)
    }
}

// A header is one JSON value, except for a request: `context`, and the request itself as `value`.
extension Frame {
    /// A frame with an encoded value.
    ///
    /// - Throws: `malformed` if the value cannot be encoded, `overloaded` if it does not fit in a frame.
    public init(_ kind: Kind, _ value: some Encodable) throws(AgentFault) {
        do {
            let (json, secrets) = try encodeWire(value)
            self.init(kind, header: json.bytes, secrets: secrets)
        } catch {
            throw .malformed
        }
        guard fits else { throw .overloaded }
    }

    init<R: Request>(
        request: R, member: String?, reason: String?, operation: Identifier? = nil
    ) throws(AgentFault) {
        let context = RequestContext(R.name, member: member, reason: reason, operation: operation)
        try self.init(.request, RequestWithContext(context: context, value: request))
    }

    /// Decodes the value in the header.
    ///
    /// - Throws: `malformed`.
    public func value<T: Decodable>(_ type: T.Type = T.self) throws(AgentFault) -> T {
        do { return try decodeWire(type, try JSON.parse(header), secrets) } catch { throw .malformed }
    }

    /// Decodes the context of a request.
    ///
    /// - Throws: `malformed`.
    public func context() throws(AgentFault) -> RequestContext {
        do {
            guard let json = try JSON.parse(header)["context"] else { throw AgentFault.malformed }
            return try decodeWire(RequestContext.self, json, [])
        } catch {
            throw .malformed
        }
    }

    /// Decodes a request of a known type.
    ///
    /// - Throws: `malformed`.
    public func request<R: Request>(_ type: R.Type) throws(AgentFault) -> R {
        do {
            guard let json = try JSON.parse(header)["value"] else { throw AgentFault.malformed }
            return try decodeWire(type, json, secrets)
        } catch {
            throw .malformed
        }
    }
}

private struct RequestWithContext<R: Request>: Encodable {
    let context: RequestContext
    let value: R
}
