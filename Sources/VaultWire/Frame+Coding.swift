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
}

// A header is one JSON value, except for a request: `context`, and the request itself as `value`.
extension Frame {
    /// A frame with an encoded value.
    ///
    /// - Throws: `malformed` if the value cannot be encoded, `overloaded` if it does not fit in a frame.
    public init(_ kind: Kind, _ value: some Encodable) throws(VaultError) {
        guard let (json, secrets) = try? encodeWire(value) else { throw .agent(.malformed) }
        self.init(kind, header: json.bytes, secrets: secrets)
        guard fits else { throw .agent(.overloaded) }
    }

    init<R: Request>(
        request: R, member: String?, reason: String?, operation: Identifier? = nil
    ) throws(VaultError) {
        let context = RequestContext(name: R.name, member: member, reason: reason, operation: operation)
        try self.init(.request, RequestWithContext(context: context, value: request))
    }

    /// Decodes the value in the header.
    ///
    /// - Throws: `malformed`.
    public func value<T: Decodable>(_ type: T.Type = T.self) throws(VaultError) -> T { try decode { $0 } }

    /// Decodes the context of a request.
    ///
    /// - Throws: `malformed`.
    public func context() throws(VaultError) -> RequestContext { try decode { $0["context"] } }

    /// Decodes a request of a known type.
    ///
    /// - Throws: `malformed`.
    public func request<R: Request>(_ type: R.Type = R.self) throws(VaultError) -> R {
        try decode { $0["value"] }
    }

    private func decode<T: Decodable>(_ part: (JSON) -> JSON?) throws(VaultError) -> T {
        guard let json = try? JSON.parse(header), let member = part(json),
            let value = try? decodeWire(T.self, member, secrets)
        else { throw .agent(.malformed) }
        return value
    }
}

private struct RequestWithContext<R: Request>: Encodable {
    let context: RequestContext
    let value: R
}
