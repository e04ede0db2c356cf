// Each test has its own vault and its own fake Celonis team. TLS and names are verified as in production: a test
// configures faults in the fake, never in the broker.

import Foundation
import NIOCore
import NIOPosix
import StandIn
import TestSupport
import Testing
import VaultBroker
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry

@testable import VaultCore

/// Serializes the access to a test vault, as the agent does.
actor Holder: VaultPerformer {
    private let test: TestVault
    private var vault: Vault { test.vault }
    private var session: Session { test.session }

    init() throws { test = try TestVault() }

    func perform<O: VaultCore.Operation>(_ operation: O) throws(VaultError) -> O.Answer {
        try vault.perform(operation, as: session)
    }

    /// Runs other operations on the vault.
    @discardableResult
    func run<T: Sendable>(_ body: @Sendable (Vault, Session) throws -> T) rethrows -> T {
        try body(vault, session)
    }

    func entries() throws -> [Entry] { try test.entries() }

    /// The names of the actions recorded since the ledger had this size.
    func actions(since size: Int) throws -> [String] { try entries().dropFirst(size).map(\.action.rawValue) }
}

/// A broker, a vault and a fake Celonis team.
struct Scene {
    static let host = "team.eu-1.celonis.cloud"
    static let certificates = Result {
        try TestCertificates(
            in: NSTemporaryDirectory() + "vault-broker-ca-\(ProcessInfo.processInfo.processIdentifier)",
            names: [host, "localhost", "IP:127.0.0.1"])
    }

    let holder: Holder
    let celonis: Celonis
    let broker: Broker

    init(_ change: (inout Limits) -> Void = { _ in }) async throws {
        let certificates = try Self.certificates.get()
        celonis = try await Celonis(certificates: certificates)
        var limits = Limits()
        // Long, so that a slow machine is not mistaken for a silent peer.
        limits.checkTimeout = .minutes(5)
        limits.connectTimeout = .minutes(5)
        change(&limits)
        broker = try Broker(
            group: MultiThreadedEventLoopGroup.singleton,
            network: NetworkConfiguration(
                trustFile: certificates.authority,
                connectOverrides: [
                    .init(host: Self.host, port: 443): .init(host: "127.0.0.1", port: celonis.port)
                ]),
            limits: limits)
        holder = try Holder()
    }

    func create(_ draft: OwnerDraft) async throws {
        _ = try await holder.run { vault, session in try vault.perform(CreateOwner(draft), as: session) }
    }

    /// Creates a Celonis connection with an App key.
    func custom(_ name: String = "prod", key: String = "good-app-key", type: String = "intelligence")
        async throws
    {
        var settings = ["api-type": [type], "domain": [Self.host], "auth-type": ["custom"]]
        if type == "data-push" { settings["pool-id"] = ["pool-abc123"] }
        try await create(
            OwnerDraft(
                .connection, connector: "celonis", name: name, settings: settings,
                secrets: ["app-key": secret(key)]))
    }

    /// Creates an OAuth 2.0 client and a connection that uses it.
    func oauth(_ name: String = "prod", secret value: String = "good client/secret+") async throws {
        try await create(
            OwnerDraft(
                .client, connector: "celonis", name: "team client",
                settings: ["client-id": ["client-1"], "valid-domain-names": [Self.host]],
                secrets: ["client-secret": secret(value)]))
        try await create(
            OwnerDraft(
                .connection, connector: "celonis", name: name,
                settings: [
                    "api-type": ["intelligence"], "domain": [Self.host], "auth-type": ["oauth2"],
                    "oauth-client": ["team client"], "valid-domain-names": [Self.host],
                    "scopes": ["intelligence.knowledge-models:read", "studio.packages:read"],
                ]))
    }

    func test(_ name: String = "prod") async throws -> TestOutcome { try await broker.test(name, by: holder) }

    /// Sends a request.
    ///
    /// - Returns: the head and the body of the response.
    @discardableResult
    func request(
        _ path: String, _ method: String = "GET", headers: [(String, String)] = [], body: String? = nil,
        of name: String = "prod"
    ) async throws -> (head: ResponseHead, body: String) {
        let delegate = RecordingDelegate(body)
        let request = ConnectionRequest(
            connection: name, method: method, path: try RequestPath(path),
            headers: headers.map { (name: $0.0, value: $0.1) },
            body: body.map { .length(UInt64($0.utf8.count)) } ?? .none)
        let head = try await broker.send(request, delegate: delegate, by: holder)
        return (head, await delegate.text)
    }
}

/// The caller of a request: sends the body in pieces of seven bytes and collects the response.
actor RecordingDelegate: RequestDelegate {
    private var rest: ArraySlice<UInt8>
    private var bytes: [UInt8] = []

    init(_ body: String?) { rest = Array((body ?? "").utf8)[...] }

    func nextBodyChunk() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(7) }
        return Array(rest.prefix(7))
    }

    func didReceive(_ head: ResponseHead) {}
    func didReceive(_ bytes: [UInt8]) { self.bytes += bytes }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Runs an operation that should fail.
///
/// - Returns: the error, or nil when the operation succeeds or throws another type.
func failure<T>(_ body: () async throws -> T) async -> VaultError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? VaultError
    }
}
