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
}

extension Broker {
    /// Returns the access token of an OAuth 2.0 connection. Recorded as `connection.token`.
    ///
    /// - Throws: `VaultError`: `invalid` for a connection without tokens, `outside` if the token request fails, and
    ///   what `performer` throws.
    public func token(of name: String, by performer: any VaultPerformer) async throws(VaultError)
        -> IssuedToken
    {
        let use = try await performer.perform(OpenConnection(name, for: .token))
        guard case .token(let plan) = use.authorization else {
            throw .input(
                .invalid([
                    Problem(
                        field: nil, message: "'\(name)' does not use OAuth 2.0, so it has no access token",
                        hint: "vault request '\(name)', or vault proxy '\(name)'")
                ]))
        }
        let token = try await token(of: plan, by: performer)
        return IssuedToken(value: token.value, expiresIn: token.expiresIn)
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
                let use = try await performer.perform(OpenForChild(connection))
                tokens[connection] = try await authorizationLines(of: use, by: performer).token
            }
            guard let token = tokens[connection] else { throw .use(.needsToken(name: connection)) }
            filled.append(variable.with(token: token))
        }
        return filled
    }

    /// The header lines that authorize a request, and the access token in them, if they need one.
    func authorizationLines(
        of use: OpenedConnection, by performer: any VaultPerformer
    ) async throws(VaultError) -> (lines: AuthorizationLines, token: SharedSecret?) {
        guard case .token(let plan) = use.authorization else {
            return (AuthorizationLines(use.authorization), nil)
        }
        let token = try await token(of: plan, by: performer)
        return (AuthorizationLines(use.authorization, token: token.value), token.value)
    }

    func token(of plan: TokenPlan, by performer: any VaultPerformer) async throws(VaultError)
        -> TokenCache.Token
    {
        do {
            return try await tokens.token(plan.key) { [self] in try await requestToken(plan, by: performer) }
        } catch let error as VaultError {
            throw error
        } catch let fault as OutsideFault {
            throw .outside(fault)
        } catch {
            throw .outside(.locked)
        }
    }

    /// Requests a token with the client credentials grant (RFC 6749, section 4.4).
    private func requestToken(_ plan: TokenPlan, by performer: any VaultPerformer) async throws
        -> TokenCache.Token
    {
        let client = try await performer.perform(OpenClient(of: plan))
        let start = NIODeadline.now()
        let (body, lines) = tokenRequest(client)
        var requestHead = HTTPRequestHead(version: .http1_1, method: .POST, uri: plan.path)
        requestHead.headers = [
            "host": plan.destination.authority, "accept": "application/json", "accept-encoding": "identity",
            "content-type": "application/x-www-form-urlencoded", "content-length": String(body.readableBytes),
            "user-agent": userAgent,
        ]
        let pool = upstreams.pool(on: group.next())
        let exchange = try await HTTPExchange.begin(
            requestHead, to: plan.destination, lines: lines, body: body, isComplete: true,
            timeout: limits.checkTimeout, pool: pool)
        defer { exchange.abandon() }
        let head = try await exchange.responseHead()
        let bytes = try await exchange.body(atMost: limits.maxTokenResponse, plan)
        defer { bytes.wipe() }
        do throws(OutsideFault.TokenFault) {
            let response = try TokenResponse(bytes)
            let token = try response.checkedToken(status: Int(head.status.code))
            // The last tenth of the lifetime, at most 30 seconds, is a safety margin. An unknown lifetime counts as a
            // minute.
            let lifetime = Int64(response.expires ?? 60)
            let until = start + .seconds(lifetime - min(30, lifetime / 10))
            return TokenCache.Token(value: token, until: until, expiresIn: response.expires)
        } catch {
            let status = Int(head.status.code)
            let fault = error == .notJSON && status != 200 ? .status(status) : error
            throw OutsideFault.token(host: plan.destination.host, fault)
        }
    }

    private func tokenRequest(_ client: OpenedClient) -> (ByteBuffer, AuthorizationLines) {
        let plan = client.plan
        var body = ByteBuffer(string: "grant_type=client_credentials")
        if !plan.scopes.isEmpty {
            body.writeString("&scope=" + formEncoded(plan.scopes.joined(separator: " ")))
        }
        guard plan.style == .body else {
            return (body, AuthorizationLines(client: plan.clientID, secret: client.secret))
        }
        body.writeString("&client_id=\(formEncoded(plan.clientID))&client_secret=")
        _ = unsafe client.secret.formEncoded.bytes.withUnsafeBytes { unsafe body.writeBytes($0) }
        return (body, AuthorizationLines(.none))
    }
}

extension HTTPExchange {
    /// The body of the response; throws `tooLarge` beyond `limit` bytes.
    fileprivate func body(atMost limit: Int, _ plan: TokenPlan) async throws -> ByteBuffer {
        // Allocated at its maximum size, since growing would leave a copy behind.
        var body = ByteBufferAllocator().buffer(capacity: limit)
        while let chunk = try await next() {
            guard body.readableBytes + chunk.readableBytes <= limit else {
                throw OutsideFault.token(host: plan.destination.host, .tooLarge)
            }
            body.writeImmutableBuffer(chunk)
            chunk.wipe()
        }
        return body
    }
}

/// The default User-Agent.
let userAgent = "vault"
