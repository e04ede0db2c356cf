import CPlatform
import VaultCore
import VaultLedger
import VaultWire

/// A session and when it expires.
///
/// The expiry is a time of `CLOCK_BOOTTIME`, which also runs while the machine sleeps: eight hours pass in a night with
/// the lid closed (case 74).
struct SessionExpiry: Sendable {
    let session: AgentStatus.Session
    /// Milliseconds of `now`; nil for a session that lasts as long as the process.
    private let end: Int64?

    /// - Parameters:
    ///   - seconds: How long the session lasts; nil for as long as the process runs.
    ///   - time: The time of day, for display.
    init(_ member: String, seconds: Int64?, time: Timestamp, now: Int64 = now) {
        session = AgentStatus.Session(
            member: member, since: time, until: seconds.map { Timestamp(seconds: time.seconds + $0) })
        end = seconds.map { now + $0 * 1000 }
    }

    func hasPassed(_ now: Int64 = now) -> Bool { end.map { now >= $0 } ?? false }

    /// Milliseconds since the machine was started.
    static var now: Int64 { platform_boot_milliseconds() }
}
