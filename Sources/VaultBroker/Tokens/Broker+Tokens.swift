import NIOCore
import NIOHTTP1
public import VaultCore
import VaultLedger
public import VaultMemory
import VaultRegistry

/// An access token.
public struct IssuedToken: Sendable {
    /// The token itself.
    public let value: SharedSecret
    /// The lifetime in seconds when it was issued; nil if the provider did not state it.
    public let expiresIn: Int?
    /// Until when to use it.
    let until: NIODeadline
}

extension IssuedToken: Expiring {}

extension Broker {
    /// Returns the access token of an OAuth 2.0 connection. Recorded as `connection.token`.
    ///
    /// - Throws: `VaultError`: `invalid` for a connection without tokens, `outside` if the token request fails, and
    ///   what `performer` throws.
    public func token(of name: String, by performer: any VaultPerformer) async throws(VaultError)
        -> IssuedToken
    {
        let use = try await performer.perform(OpenConnection(name, for: .token))
        guard let token = try await authorizationLines(of: use, by: performer).token else {
            throw .input(
                .invalid([
                    Problem(
                        field: nil, message: "'\(name)' does not use OAuth 2.0, so it has no access token",
                        hint: "vault request '\(name)', or vault proxy '\(name)'")
                ]))
        }
        return token
    }

    /// Fills in the access tokens in a child process's variables. `connection.exec` is recorded already.
    ///
    /// - Throws: `VaultError`, as `token(of:by:)`.
    public func fill(
        _ variables: [ChildVariable], by performer: any VaultPerformer
    ) async throws(VaultError) -> [ChildVariable] {
        var tokens: [String: SharedSecret] = [:]
        var filled: [ChildVariable] = []
        for variable in variables {
            guard let connection = variable.missingToken else {
                filled.append(variable)
                continue
            }
            if tokens[connection] == nil {
                let use = try await performer.perform(OpenConnection(connection, for: .child))
                tokens[connection] = try await authorizationLines(of: use, by: performer).token?.value
            }
            guard let token = tokens[connection] else { throw .use(.needsToken(name: connection)) }
            filled.append(variable.with(token: token))
        }
        return filled
    }

    /// The header lines that authorize a request, with an access token if they need one.
    func authorizationLines(
        of use: OpenedConnection, by performer: any VaultPerformer
    ) async throws(VaultError) -> AuthorizationLines {
        guard case .token(let plan) = use.authorization else { return AuthorizationLines(use.authorization) }
        let token = try await tokens.value(plan.key) { [self] in try await requestToken(plan, by: performer) }
        return AuthorizationLines(use.authorization, token: token)
    }

    /// Discards a cached token that the host no longer accepts.
    ///
    /// - Returns: Whether to repeat the request with a new token.
    func discardToken(in lines: AuthorizationLines, of use: OpenedConnection) -> Bool {
        guard case .token(let plan) = use.authorization, let token = lines.token else { return false }
        tokens.remove(plan.key) { $0.value === token.value }
        return true
    }

    /// Requests a token with the client credentials grant (RFC 6749, section 4.4).
    private func requestToken(
        _ plan: TokenPlan, by performer: any VaultPerformer
    ) async throws(VaultError) -> IssuedToken {
        let secret = try await performer.perform(OpenClient(of: plan))
        let start = NIODeadline.now()
        let (body, lines) = tokenRequest(plan, secret)
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: plan.path)
        head.headers = [
            "host": plan.destination.authority, "accept": "application/json", "accept-encoding": "identity",
            "content-type": "application/x-www-form-urlencoded", "content-length": String(body.readableBytes),
            "user-agent": userAgent,
        ]
        let exchange = try await exchange(
            head, with: plan.destination, lines: lines, body: body, timeout: limits.checkTimeout)
        defer { exchange.abandon() }
        let status = Int(try await exchange.responseHead().status.code)
        let bytes = try await exchange.body(atMost: limits.maxTokenResponse, plan)
        defer { bytes.wipe() }
        do throws(OutsideFault.TokenFault) {
            let response = try TokenResponse(bytes)
            let token = try response.checkedToken(status: status)
            // The last tenth of the lifetime, at most 30 seconds, is a safety margin. An unknown lifetime counts as a
            // minute.
            let lifetime = Int64(response.expires ?? 60)
            let until = start + .seconds(lifetime - min(30, lifetime / 10))
            return IssuedToken(value: token, expiresIn: response.expires, until: until)
        } catch {
            let fault = error == .notJSON && status != 200 ? .status(status) : error
            throw .outside(.token(host: plan.destination.host, fault))
        }
    }

    private func tokenRequest(
        _ plan: TokenPlan, _ secret: SharedSecret
    ) -> (ByteBuffer, AuthorizationLines) {
        var body = ByteBuffer(string: "grant_type=client_credentials")
        if !plan.scopes.isEmpty {
            body.writeString("&scope=" + formEncoded(plan.scopes.joined(separator: " ")))
        }
        guard plan.style == .body else {
            return (body, AuthorizationLines(client: plan.clientID, secret: secret))
        }
        body.writeString("&client_id=\(formEncoded(plan.clientID))&client_secret=")
        _ = unsafe secret.formEncoded.bytes.withUnsafeBytes { unsafe body.writeBytes($0) }
        return (body, AuthorizationLines(.none))
    }
}

extension HTTPExchange {
    /// The body of the response; throws `tooLarge` beyond `limit` bytes.
    fileprivate func body(atMost limit: Int, _ plan: TokenPlan) async throws(VaultError) -> ByteBuffer {
        // Allocated at its maximum size, since growing would leave a copy behind.
        var body = ByteBufferAllocator().buffer(capacity: limit)
        while let chunk = try await next() {
            guard body.readableBytes + chunk.readableBytes <= limit else {
                throw .outside(.token(host: plan.destination.host, .tooLarge))
            }
            body.writeImmutableBuffer(chunk)
            chunk.wipe()
        }
        return body
    }
}

/// The default User-Agent.
let userAgent = "vault"
