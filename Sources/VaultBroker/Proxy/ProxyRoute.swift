import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking
import VaultMemory
import VaultLedger

/// A connection that a proxy serves, with a tally of the requests sent.
///
/// The connection is opened for a minute at a time. Each opening is a ledger entry with the requests sent since the one
/// before, so that there is an entry per minute of use rather than per request, and changes to the policy, a role or a
/// secret take effect within a minute.
final class ProxyRoute: Sendable {
    let name: String
    /// The first segment of the paths that select this route.
    let segment: String
    private let broker: Broker
    private let performer: any VaultPerformer
    private let state = NIOLockedValueBox(State())

    /// What requests are sent with, for a limited time.
    struct Opened: Sendable {
        let use: OpenedConnection
        /// The names of the authorization's header fields, in lower case.
        let authorizationHeaders: [String]
        let lines: AuthorizationLines
        let token: SharedSecret?
        let patterns: PatternSet
        let until: NIODeadline
    }

    private struct State {
        var opened: Opened?
        var opening: Task<Opened, any Error>?
        var tally = Purpose.Tally()
    }

    init(_ name: String, segment: String, broker: Broker, performer: any VaultPerformer) {
        self.name = name
        self.segment = segment
        self.broker = broker
        self.performer = performer
    }

    /// Makes a path segment of a connection's name: lower-case letters, digits and hyphens, and a number if it is
    /// taken.
    static func segment(of name: String, besides taken: [String]) -> String {
        var slug = ""
        for scalar in name.lowercased().unicodeScalars {
            let isKept = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isKept { slug.unicodeScalars.append(scalar) } else if !slug.hasSuffix("-") { slug += "-" }
        }
        slug = String(slug.trimmingPrefix("-").reversed().trimmingPrefix("-").reversed())
        if slug.isEmpty { slug = "connection" }
        var number = 1
        while taken.contains(number == 1 ? slug : "\(slug)-\(number)") { number += 1 }
        return number == 1 ? slug : "\(slug)-\(number)"
    }

    /// What was opened last, unless it has expired.
    var current: Opened? {
        state.withLockedValue { state in
            guard let opened = state.opened, opened.until > .now() else { return nil }
            return opened
        }
    }

    func updateTally(_ change: (inout Purpose.Tally) -> Void) { state.withLockedValue { change(&$0.tally) } }

    /// Opens the connection. Concurrent callers share one opening.
    func open() async throws(VaultError) -> Opened {
        let task = state.withLockedValue { state -> Task<Opened, any Error> in
            if let opened = state.opened, opened.until > .now() { return Task { opened } }
            if let task = state.opening { return task }
            let tally = state.tally
            state.tally = Purpose.Tally()
            let task = Task { try await self.openNow(tally) }
            state.opening = task
            return task
        }
        let result = await task.result
        state.withLockedValue { state in
            guard state.opening == task else { return }
            state.opening = nil
            // After a failure, the expired one stays: `takeUnrecorded` needs its connection.
            if case .success(let opened) = result { state.opened = opened }
        }
        do { return try result.get() } catch { throw (error as? VaultError) ?? .outside(.locked) }
    }

    private func openNow(_ tally: Purpose.Tally) async throws -> Opened {
        do {
            let until = NIODeadline.now() + broker.limits.routeLifetime
            let use = try await performer.perform(OpenConnection(name, for: .proxy(tally)))
            return try await authorize(use, until: until)
        } catch {
            updateTally { $0.add(tally) }
            throw error
        }
    }

    private func authorize(_ use: OpenedConnection, until: NIODeadline) async throws(VaultError) -> Opened {
        var until = until
        var lines = AuthorizationLines(use.authorization)
        var value: SharedSecret?
        if case .token(let plan) = use.authorization {
            let token = try await broker.token(of: plan, by: performer)
            lines = AuthorizationLines(use.authorization, token: token.value)
            value = token.value
            until = min(until, max(token.until, .now() + .seconds(1)))
        }
        return Opened(
            use: use, authorizationHeaders: use.authorizationHeaderNames.sorted(), lines: lines, token: value,
            patterns: PatternSet(masking: lines.secrets.map { MaskableSecret($0) }), until: until)
    }

    /// Replaces a token that the host no longer accepts, without opening the connection again.
    func renewToken(of old: Opened) async throws(VaultError) -> Opened {
        if case .token(let plan) = old.use.authorization, let token = old.token {
            broker.tokens.remove(plan.key, token)
        }
        let opened = try await authorize(old.use, until: old.until)
        state.withLockedValue { $0.opened = opened }
        return opened
    }

    /// Records a request that the policy does not allow. After ten in a minute, they are only counted.
    func recordRefusal(_ what: String, _ opened: Opened) {
        let refused = state.withLockedValue { state in
            state.tally.refused += 1
            return state.tally.refused
        }
        guard refused <= 10 else { return }
        Task { [performer] in
            _ = try? await performer.perform(
                RecordRefused(.proxy(Purpose.Tally()), of: opened.use, why: "policy: \(what)"))
        }
    }

    /// Closes the route, and returns the requests that are not recorded yet.
    func takeUnrecorded() -> (use: OpenedConnection, tally: Purpose.Tally)? {
        let (opened, tally) = state.withLockedValue { state in
            defer { state = State() }
            return (state.opened, state.tally)
        }
        guard let opened, !tally.isEmpty else { return nil }
        return (opened.use, tally)
    }

    /// Closes the route, and records the requests that are not recorded yet.
    func close() async {
        guard let (use, tally) = takeUnrecorded() else { return }
        _ = try? await performer.perform(RecordProxied(tally, of: use))
    }
}

extension Purpose.Tally {
    mutating func add(_ other: Purpose.Tally) {
        requests += other.requests
        failed += other.failed
        refused += other.refused
    }
}
