import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import VaultCore
import VaultMasking
import VaultMemory
import VaultLedger

/// One connection of a proxy: opened for a minute at a time, and what was sent meanwhile.
///
/// Each opening is an entry that tells what was sent since the one before; so there is one a connection and minute of
/// use, not one a request, and a policy, a role or a secret that changed counts within a minute.
final class Lane: Sendable {
    let name: String
    /// The first segment of the paths that lead to it.
    let segment: String
    private let broker: Broker
    private let opener: any Opener
    private let state = NIOLockedValueBox(State())

    /// What requests are sent with.
    struct Opened: Sendable {
        let use: OpenedUse
        /// The names, in lower case, of the headers that the proof is sent in.
        let own: [String]
        let lines: HeaderLines
        let token: SharedSecret?
        let patterns: PatternSet
        let until: NIODeadline
    }

    private struct State {
        var opened: Opened?
        var opening: Task<Opened, any Error>?
        var tally = Purpose.Tally()
    }

    init(_ name: String, segment: String, broker: Broker, opener: any Opener) {
        self.name = name
        self.segment = segment
        self.broker = broker
        self.opener = opener
    }

    /// A name as a path segment: letters, digits and hyphens, in lower case; a number where two would be the same.
    static func segment(of name: String, besides taken: [String]) -> String {
        var slug = ""
        for scalar in name.lowercased().unicodeScalars {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isPlain { slug.unicodeScalars.append(scalar) } else if !slug.hasSuffix("-") { slug += "-" }
        }
        slug = String(slug.trimmingPrefix("-").reversed().trimmingPrefix("-").reversed())
        if slug.isEmpty { slug = "connection" }
        var number = 1
        while taken.contains(number == 1 ? slug : "\(slug)-\(number)") { number += 1 }
        return number == 1 ? slug : "\(slug)-\(number)"
    }

    /// What is open now; nil when it has to be asked for.
    var current: Opened? {
        state.withLockedValue { state in
            guard let opened = state.opened, opened.until > .now() else { return nil }
            return opened
        }
    }

    func count(_ change: (inout Purpose.Tally) -> Void) { state.withLockedValue { change(&$0.tally) } }

    /// Opens the connection, once for all who ask at the same time.
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
            // One that failed leaves the old one, which is over: it tells whose the counts are.
            if case .success(let opened) = result { state.opened = opened }
        }
        do { return try result.get() } catch { throw (error as? VaultError) ?? .outside(.locked) }
    }

    private func openNow(_ tally: Purpose.Tally) async throws -> Opened {
        do {
            let until = NIODeadline.now() + broker.limits.lane
            let use = try await opener.open(name, for: .proxy(tally), label: .current)
            return try await prove(use, until: until)
        } catch {
            count { $0.add(tally) }
            throw error
        }
    }

    private func prove(_ use: OpenedUse, until: NIODeadline) async throws(VaultError) -> Opened {
        var until = until
        var lines = HeaderLines(use.proof)
        var value: SharedSecret?
        if case .token(let plan) = use.proof {
            let token = try await broker.token(of: plan, by: opener)
            lines = HeaderLines(use.proof, token: token.value)
            value = token.value
            until = min(until, max(token.until, .now() + .seconds(1)))
        }
        return Opened(
            use: use, own: use.ownHeaders.sorted(), lines: lines, token: value,
            patterns: PatternSet(masking: lines.secrets.map { LentSecret($0) }), until: until)
    }

    /// The other side does not take the token any more: a new one, without a new entry of the proxy.
    func renew(_ old: Opened) async throws(VaultError) -> Opened {
        if case .token(let plan) = old.use.proof, let token = old.token {
            broker.tokens.drop(plan.key, token)
        }
        let opened = try await prove(old.use, until: old.until)
        state.withLockedValue { $0.opened = opened }
        return opened
    }

    /// Tells the ledger of a request that the policy refused; after some in one minute they are only counted.
    func refuse(_ what: String, _ opened: Opened) {
        let refused = state.withLockedValue { state in
            state.tally.refused += 1
            return state.tally.refused
        }
        guard refused <= 10 else { return }
        Task { [opener] in
            try? await opener.recordRefused(
                .proxy(Purpose.Tally()), of: opened.use, why: "policy: \(what)")
        }
    }

    /// What is left to tell of what was sent, for whoever tells it now; nothing more is sent.
    func close() -> (use: OpenedUse, tally: Purpose.Tally)? {
        let (opened, tally) = state.withLockedValue { state in
            defer { state = State() }
            return (state.opened, state.tally)
        }
        guard let opened, !tally.isEmpty else { return nil }
        return (opened.use, tally)
    }

    /// The last entry, when there is something left to tell.
    func finish() async {
        guard let (use, tally) = close() else { return }
        try? await opener.recordProxied(tally, of: use)
    }
}

extension Purpose.Tally {
    mutating func add(_ other: Purpose.Tally) {
        requests += other.requests
        failed += other.failed
        refused += other.refused
    }
}
