/// Limits attempts to guess a credential (case 76).
///
/// The first attempt is immediate. After each failure the next one has to wait: a second, then twice as long each time,
/// up to a minute. Concurrent attempts wait one after another, so that making many at once gains nothing.
struct UnlockThrottle: Sendable {
    private var failures = 0
    /// When the next attempt may be made, in milliseconds of `SessionExpiry.now`.
    private var next: Int64 = 0

    /// Reserves a time for an attempt, and returns how many milliseconds to wait for it.
    mutating func wait(_ now: Int64) -> Int64 {
        let time = max(now, next)
        next = time + delay
        return time - now
    }

    mutating func failed(_ now: Int64) {
        failures += 1
        next = max(next, now + delay)
    }

    mutating func succeeded() { self = UnlockThrottle() }

    private var delay: Int64 { failures == 0 ? 0 : min(60_000, 1000 << Int64(min(failures - 1, 6))) }
}
