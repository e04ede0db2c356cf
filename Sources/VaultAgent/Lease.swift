import CPlatform
import VaultCore
import VaultLedger
import VaultWire

/// For whom a vault is open, and until when.
///
/// The end is a moment of the clock that also runs while the machine sleeps: eight hours are over after a night with
/// the lid closed (case 74).
struct Lease: Sendable {
    let open: AgentStatus.Open
    /// Milliseconds of `now`; nil for as long as the process lives.
    private let end: Int64?

    init(_ member: String, seconds: Int64?, time: Timestamp, now: Int64 = now) {
        open = AgentStatus.Open(
            member: member, since: time, until: seconds.map { Timestamp(seconds: time.seconds + $0) })
        end = seconds.map { now + $0 * 1000 }
    }

    func isOver(_ now: Int64 = now) -> Bool { end.map { now >= $0 } ?? false }

    static var now: Int64 { platform_boot_milliseconds() }
}

/// How long whoever guesses has to wait: not at all for the first try, then a second, and twice as long after each
/// failure, to a minute (case 76).
///
/// Tries stand in a row: one that comes while others wait is tried after them, so that many at once gain nothing.
struct Guesses: Sendable {
    private var failures = 0
    /// When the next one may be tried, in milliseconds of `Lease.now`.
    private var next: Int64 = 0

    /// Takes a place in the row; how long to wait for it, in milliseconds.
    mutating func wait(_ now: Int64) -> Int64 {
        let place = max(now, next)
        next = place + delay
        return place - now
    }

    mutating func failed(_ now: Int64) {
        failures += 1
        next = max(next, now + delay)
    }

    mutating func succeeded() { self = Guesses() }

    private var delay: Int64 { failures == 0 ? 0 : min(60_000, 1000 << Int64(min(failures - 1, 6))) }
}
