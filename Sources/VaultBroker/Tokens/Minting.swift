import NIOCore
import NIOHTTP1
public import VaultCore
import VaultLedger
public import VaultMemory
import VaultRegistry

/// A token that was handed out.
public struct MintedToken: Sendable {
    public let value: SharedSecret
    /// How long the other side said it lives, in seconds.
    public let expiresIn: Int?
}

extension Broker {
    /// The access token of an OAuth 2.0 connection; `connection.token` in the ledger.
    public func token(of name: String, by opener: any Opener) async throws(VaultError) -> MintedToken {
        let use = try await opener.open(name, for: .token, label: .current)
        guard case .token(let plan) = use.proof else {
            throw .invalid([
                Problem(
                    field: nil, message: "'\(name)' does not sign in by OAuth 2.0, and has no token",
                    fits: "vault request '\(name)', or vault proxy '\(name)'")
            ])
        }
        let token = try await token(of: plan, by: opener)
        return MintedToken(value: token.value, expiresIn: token.expiresIn)
    }

    /// Puts tokens into the variables of a child process that wait for one; `connection.exec` was recorded before.
    public func fill(
        _ variables: [ChildVariable], by opener: any Opener
    ) async throws(VaultError) -> [ChildVariable] {
        var tokens: [String: SharedSecret] = [:]
        var filled: [ChildVariable] = []
        for variable in variables {
            guard let connection = variable.missingToken else {
                filled.append(variable)
                continue
            }
            if tokens[connection] == nil {
                let use = try await opener.openForChild(connection)
                tokens[connection] = try await lines(of: use, by: opener).token
            }
            guard let token = tokens[connection] else { throw .needsToken(name: connection) }
            filled.append(variable.with(token: token))
        }
        return filled
    }

    /// The lines that prove a use, with a token where one is needed.
    func lines(
        of use: OpenedUse, by opener: any Opener
    ) async throws(VaultError) -> (lines: HeaderLines, token: SharedSecret?) {
        guard case .token(let plan) = use.proof else { return (HeaderLines(use.proof), nil) }
        let token = try await token(of: plan, by: opener)
        return (HeaderLines(use.proof, token: token.value), token.value)
    }

    func token(of plan: TokenPlan, by opener: any Opener) async throws(VaultError) -> TokenCache.Token {
        do {
            return try await tokens.token(plan.key) { [self] in try await mint(plan, by: opener) }
        } catch let error as VaultError {
            throw error
        } catch let fault as OutsideFault {
            throw .outside(fault)
        } catch {
            throw .outside(.locked)
        }
    }

    /// Asks the token endpoint, RFC 6749, section 4.4.
    private func mint(_ plan: TokenPlan, by opener: any Opener) async throws -> TokenCache.Token {
        let client = try await opener.openClient(of: plan)
        let asked = NIODeadline.now()
        let (body, lines) = request(client)
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: plan.path)
        head.headers = [
            "host": plan.destination.authority, "accept": "application/json", "accept-encoding": "identity",
            "content-type": "application/x-www-form-urlencoded", "content-length": String(body.readableBytes),
            "user-agent": userAgent,
        ]
        let pool = upstreams.pool(on: group.next())
        let exchange = try await Exchange.begin(
            head, to: plan.destination, lines: lines, body: body, isWhole: true, silence: limits.checking,
            pool: pool)
        defer { exchange.abandon() }
        let answer = try await exchange.answer()
        let bytes = try await exchange.whole(atMost: limits.tokenAnswer, plan)
        defer { bytes.wipe() }
        do throws(OutsideFault.TokenFault) {
            let read = try TokenAnswer(bytes)
            let token = try read.checked(status: Int(answer.status.code))
            // Not used for the last tenth of its life, half a minute at most; unknown lives are taken for a minute.
            let life = Int64(read.expires ?? 60)
            let until = asked + .seconds(life - min(30, life / 10))
            return TokenCache.Token(value: token, until: until, expiresIn: read.expires)
        } catch {
            let status = Int(answer.status.code)
            let fault = error == .notJSON && status != 200 ? .status(status) : error
            throw OutsideFault.token(host: plan.destination.host, fault)
        }
    }

    private func request(_ client: OpenedClient) -> (ByteBuffer, HeaderLines) {
        let plan = client.plan
        var body = ByteBuffer(string: "grant_type=client_credentials")
        if !plan.scopes.isEmpty {
            body.writeString("&scope=" + formEncoded(plan.scopes.joined(separator: " ")))
        }
        guard plan.style == .body else {
            return (body, HeaderLines(client: plan.clientID, secret: client.secret))
        }
        body.writeString("&client_id=\(formEncoded(plan.clientID))&client_secret=")
        _ = unsafe client.secret.formEncoded.bytes.withUnsafeBytes { unsafe body.writeBytes($0) }
        return (body, HeaderLines(.none))
    }
}

extension Exchange {
    /// The whole body of an answer, which is refused when it is longer.
    fileprivate func whole(atMost limit: Int, _ plan: TokenPlan) async throws -> ByteBuffer {
        // As large as it may get: growing would leave what there is behind.
        var whole = ByteBufferAllocator().buffer(capacity: limit)
        while let piece = try await next() {
            guard whole.readableBytes + piece.readableBytes <= limit else {
                throw OutsideFault.token(host: plan.destination.host, .tooLarge)
            }
            whole.writeImmutableBuffer(piece)
            piece.wipe()
        }
        return whole
    }
}

/// What requests say they come from, where the caller says nothing.
let userAgent = "vault"
