// The folder's rule: a vault of its own and a Celonis that stands in for the real one, with TLS and names verified as
// they always are; what the other side gets wrong is said to the stand-in, never to the broker.

import Foundation
import NIOCore
import NIOPosix
import StandIn
import Testing
import VaultBroker
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry

@testable import VaultCore

/// The vault of a test, asked as the agent asks it: one thing after another.
actor Holder: Opener {
    private let vault: Vault
    let session: Session
    private let folder: String

    init() throws {
        let base =
            FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        folder = base + "vault-broker-\(UUID().uuidString)"
        let surroundings = Surroundings(
            now: { Timestamp(text: "2026-03-01T08:00:00Z")! },
            via: { Entry.Via(program: "test", user: "ana", host: "here") },
            anchors: AnchorStore(folder: folder + "/anchors"))
        let key = SharedSecret(SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
        (vault, session) = try Vault.create(
            folder + "/v/vault.db", Founding(member: "ana", credentials: [.keyFile(key)], cost: .floor),
            surroundings)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open(_ name: String, for purpose: Purpose, label: SecretLabel) throws(VaultError) -> OpenedUse {
        try vault.open(name, for: purpose, label: label, as: session)
    }
    func openForChild(_ name: String) throws(VaultError) -> OpenedUse {
        try vault.openForChild(name, as: session)
    }
    func openClient(of plan: TokenPlan) throws(VaultError) -> OpenedClient {
        try vault.openClient(of: plan, as: session)
    }
    func recordTest(_ outcome: TestOutcome, of use: OpenedUse) throws(VaultError) {
        try vault.recordTest(outcome, of: use, as: session)
    }
    func recordProxied(_ tally: Purpose.Tally, of use: OpenedUse) throws(VaultError) {
        try vault.recordProxied(tally, of: use, as: session)
    }
    func recordRefused(_ purpose: Purpose, of use: OpenedUse, why: String) throws(VaultError) {
        try vault.recordRefused(purpose, of: use, why: why, as: session)
    }

    /// Lends the vault for anything else.
    func run<T: Sendable>(_ body: @Sendable (Vault, Session) throws -> T) rethrows -> T {
        try body(vault, session)
    }

    func entries() throws -> [Entry] {
        var entries: [Entry] = []
        try vault.exportEntries { entry, _ in entries.append(entry) }
        return entries
    }

    /// What the ledger was told since a moment, by its actions' names.
    func actions(since size: Int) throws -> [String] { try entries().dropFirst(size).map(\.action.rawValue) }
}

/// A broker, a vault and a Celonis.
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
        // Far away: a busy machine is not a silent one.
        limits.checking = .minutes(5)
        limits.connecting = .minutes(5)
        change(&limits)
        broker = try Broker(
            group: MultiThreadedEventLoopGroup.singleton,
            reach: Reach(
                trustFile: certificates.authority,
                detours: [.init(host: Self.host, port: 443): .init(host: "127.0.0.1", port: celonis.port)]),
            limits: limits)
        holder = try Holder()
    }

    func create(_ draft: OwnerDraft) async throws {
        try await holder.run { vault, session in try vault.create(draft, as: session) }
    }

    /// A connection of Celonis' with an App key.
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

    /// A client, and a connection that gets its tokens by it.
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

    /// The answer to one request, and its body as text.
    @discardableResult
    func request(
        _ path: String, _ method: String = "GET", headers: [(String, String)] = [], body: String? = nil,
        of name: String = "prod"
    ) async throws -> (head: AnswerHead, body: String) {
        let talk = Talk(body)
        let call = Call(
            connection: name, method: method, path: try RequestPath(path),
            headers: headers.map { (name: $0.0, value: $0.1) },
            body: body.map { .length(UInt64($0.utf8.count)) } ?? .none)
        let head = try await broker.request(call, with: talk, by: holder)
        return (head, await talk.text)
    }
}

/// A caller of a request: gives its body in small pieces, and keeps what is answered.
actor Talk: Conversation {
    private var rest: ArraySlice<UInt8>
    private var bytes: [UInt8] = []

    init(_ body: String?) { rest = Array((body ?? "").utf8)[...] }

    func nextPiece() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(7) }
        return Array(rest.prefix(7))
    }

    func answered(_ head: AnswerHead) {}
    func answered(_ bytes: [UInt8]) { self.bytes += bytes }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

func secret(_ text: String) -> SharedSecret { SharedSecret(SecretBytes(copying: Array(text.utf8))) }

func text(_ secret: SharedSecret) -> String {
    unsafe secret.bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
}

/// What was thrown; nil for nothing, or for another type.
func failure<T>(_ body: () async throws -> T) async -> VaultError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? VaultError
    }
}
