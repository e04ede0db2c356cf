import NIOConcurrencyHelpers
import NIOCore
import VaultCore
import VaultLedger
import VaultMasking

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
    private let opened = ExpiringCache<Opened>()
    private let tally = NIOLockedValueBox(Purpose.Tally())

    /// What requests are sent with, for a limited time.
    struct Opened: Expiring {
        let use: OpenedConnection
        /// The names of the authorization's header fields, in lower case.
        let authorizationHeaders: [String]
        let lines: AuthorizationLines
        let patterns: PatternSet
        let until: NIODeadline
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
    var current: Opened? { opened.current(name) }

    func updateTally(_ change: (inout Purpose.Tally) -> Void) { tally.withLockedValue { change(&$0) } }

    private func takeTally() -> Purpose.Tally {
        tally.withLockedValue { tally in
            defer { tally = Purpose.Tally() }
            return tally
        }
    }

    /// Opens the connection, and records the requests sent since the last opening. Concurrent callers share one opening.
    func open() async throws(VaultError) -> Opened {
        try await opened.value(name) { [self] in
            let tally = takeTally()
            do {
                let until = NIODeadline.now() + broker.limits.routeLifetime
                let use = try await performer.perform(OpenConnection(name, for: .proxy(tally)))
                return try await authorize(use, until: until)
            } catch {
                updateTally { $0.add(tally) }
                throw error
            }
        }
    }

    private func authorize(_ use: OpenedConnection, until: NIODeadline) async throws(VaultError) -> Opened {
        let lines = try await broker.authorizationLines(of: use, by: performer)
        let end = lines.token.map { min(until, max($0.until, .now() + .seconds(1))) }
        return Opened(
            use: use, authorizationHeaders: use.authorizationHeaderNames.sorted(), lines: lines,
            patterns: PatternSet(masking: lines.secrets), until: end ?? until)
    }

    /// Replaces a token that the host no longer accepts, without opening the connection again.
    func renewToken(of old: Opened) async throws(VaultError) -> Opened {
        _ = broker.discardToken(in: old.lines, of: old.use)
        let renewed = try await authorize(old.use, until: old.until)
        opened.set(name, renewed)
        return renewed
    }

    /// Records a request that the policy does not allow. After ten in a minute, they are only counted.
    func recordRefusal(_ what: String, _ opened: Opened) {
        let refused = tally.withLockedValue { tally in
            tally.refused += 1
            return tally.refused
        }
        guard refused <= 10 else { return }
        Task { [performer] in
            _ = try? await performer.perform(RecordRefused(of: opened.use, why: "policy: \(what)"))
        }
    }

    /// Closes the route, and returns the requests that are not recorded yet.
    func takeUnrecorded() -> (use: OpenedConnection, tally: Purpose.Tally)? {
        guard let last = opened.take(name) else { return nil }
        let tally = takeTally()
        guard !tally.isEmpty else { return nil }
        return (last.use, tally)
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
