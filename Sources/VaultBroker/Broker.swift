// The room VaultBroker: using a secret over the network. A secret goes to the host of its own connection, over TLS
// that is always verified, and what comes back of it is masked before anybody sees it.
//
// Everything here runs on event loops; what needs the vault is asked of whoever asks for it, by an `Opener`, which
// records each use before anything is opened.

public import NIOCore
import NIOSSL
public import VaultCore
public import VaultLedger

/// Sends what connections are used for.
public final class Broker: Sendable {
    let group: any EventLoopGroup
    let limits: Limits
    let upstreams: Upstreams
    let tokens = TokenCache()
    let clients: ClientLimiter

    /// - Parameter group: where the work is done; whoever made it ends it.
    public init(group: any EventLoopGroup, reach: Reach, limits: Limits = Limits()) throws(VaultError) {
        self.group = group
        self.limits = limits
        clients = ClientLimiter(
            authenticated: limits.proxyClients, unauthenticated: limits.unauthenticated,
            patience: limits.patience)
        do {
            upstreams = Upstreams(group: group, reach: reach, tls: try reach.trust(), limits: limits)
        } catch {
            throw .outside(error)
        }
    }

    /// Forgets every token, and ends every connection to another side: the vault is being locked.
    public func lock() {
        tokens.forget()
        upstreams.closeAll()
    }
}

/// Who opens a connection for a use: the holder of the unlocked vault, one call after another.
///
/// Every call but `recordTest` and `recordProxied` records its use before it returns.
public protocol Opener: Sendable {
    func open(_ name: String, for purpose: Purpose, label: SecretLabel) async throws(VaultError) -> OpenedUse
    /// For a child process, whose use was recorded before.
    func openForChild(_ name: String) async throws(VaultError) -> OpenedUse
    func openClient(of plan: TokenPlan) async throws(VaultError) -> OpenedClient
    func recordTest(_ outcome: TestOutcome, of use: OpenedUse) async throws(VaultError)
    func recordProxied(_ tally: Purpose.Tally, of use: OpenedUse) async throws(VaultError)
    func recordRefused(_ purpose: Purpose, of use: OpenedUse, why: String) async throws(VaultError)
}

/// How long and how much.
public struct Limits: Sendable {
    /// Until there is a connection, TLS included.
    public var connecting = TimeAmount.seconds(10)
    /// How long the other side may be silent while it is waited for.
    public var silence = TimeAmount.seconds(300)
    /// The same for a test and a token.
    public var checking = TimeAmount.seconds(20)
    /// How long an idle connection is kept.
    public var idle = TimeAmount.seconds(30)
    /// What a token endpoint may answer at most, in bytes.
    public var tokenAnswer = 65_536
    /// How much of a test's answer is looked at, in bytes.
    public var testAnswer = 16_384
    /// How long a proxy uses what it opened before it asks again, and tells the ledger what it sent.
    public var lane = TimeAmount.seconds(60)
    /// Answers up to this size are masked as a whole and keep their Content-Length.
    public var wholeAnswer = 65_536
    /// Connections of all proxies' clients that have sent their proxy's token.
    public var proxyClients = 1024
    /// Those that have not sent it yet.
    public var unauthenticated = 64
    /// After which such a connection can be displaced by a new one.
    public var patience = TimeAmount.milliseconds(100)
    /// Within which a client of a proxy has to send a complete head with the proxy's token.
    public var authenticating = TimeAmount.seconds(5)
    /// How long a proxy keeps the connection of a client that sends no request.
    public var clientIdle = TimeAmount.seconds(75)
    /// Idle connections to other sides that each event loop keeps.
    public var idleUpstreams = 64

    public init() {}
}
