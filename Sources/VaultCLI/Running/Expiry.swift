import VaultLedger

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Context {
    var now: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}

/// Moments as people give them: `90d`, `12w`, `6m`, `1y` from now, or a date.
enum Expiry {
    static func parse(_ text: String, from now: Timestamp) throws(Failure) -> Timestamp {
        let moment = Timestamp(text: text) ?? duration(text).map { Timestamp(seconds: now.seconds + $0) }
        guard let moment else {
            throw Failure(
                .usage, "'\(text)' is no time", next: "give 90d, 12w, 6m, 1y, or a date such as 2027-01-31")
        }
        guard moment > now else {
            throw Failure(.usage, "\(moment.text) is in the past", next: "give a time to come")
        }
        return moment
    }

    /// Seconds of a duration; a month has 30 days here, and a year 365.
    static func duration(_ text: String) -> Int64? {
        let days: [Character: Int64] = ["d": 1, "w": 7, "m": 30, "y": 365]
        guard let unit = text.last.flatMap({ days[$0] }), let count = Int64(text.dropLast()),
            (1...36_500).contains(count)
        else { return nil }
        return count * unit * 86_400
    }
}
