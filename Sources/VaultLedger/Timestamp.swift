/// A time in whole seconds of UTC, written as RFC 3339 (`2026-11-23T21:05:00Z`).
///
/// Times are clamped to the years 0000 to 9999, so that each has a text of this form. Foundation's calendar is not used:
/// loading it takes longer than a whole command (decision 0026).
public struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Seconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX).
    public let seconds: Int64

    /// Creates a time, clamped to the years 0000 to 9999.
    public init(seconds: Int64) { self.seconds = min(max(seconds, -62_167_219_200), 253_402_300_799) }

    /// Orders by time.
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }

    /// The text by RFC 3339, section 5.6, always with `Z`.
    public var text: String {
        var (day, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if rest < 0 { (day, rest) = (day - 1, rest + 86_400) }
        let (year, month, date) = Self.civil(fromDay: day)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        func append(_ number: Int64, _ digits: Int, then separator: Unicode.Scalar) {
            var power = digits == 4 ? Int64(1000) : 10
            while power > 0 {
                bytes.append(UInt8(ascii: "0") + UInt8(number / power % 10))
                power /= 10
            }
            bytes.append(UInt8(ascii: separator))
        }
        append(year, 4, then: "-")
        append(month, 2, then: "-")
        append(date, 2, then: "T")
        append(rest / 3600, 2, then: ":")
        append(rest / 60 % 60, 2, then: ":")
        append(rest % 60, 2, then: "Z")
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ`.
    ///
    /// - Returns: `nil` for any other text, and for a day that doesn't exist.
    public init?(text: String) { self.init(utf8: Array(text.utf8)[...]) }

    /// Parses the UTF-8 of a text, without allocating.
    init?(utf8 bytes: ArraySlice<UInt8>) {
        guard bytes.count == 10 || bytes.count == 20 else { return nil }
        for (byte, expected) in zip(bytes, "dddd-dd-ddTdd:dd:ddZ".utf8) {
            let fits = expected == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == expected
            guard fits else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64 {
            bytes.dropFirst(range.lowerBound).prefix(range.count).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        let (year, month, date) = (number(0..<4), number(5..<7), number(8..<10))
        let day = Self.day(year: year, month: month, date: date)
        guard (1...12).contains(month), Self.civil(fromDay: day) == (year, month, date) else { return nil }
        var rest: Int64 = 0
        if bytes.count == 20 {
            let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
            guard hour < 24, minute < 60, second < 60 else { return nil }
            rest = hour * 3600 + minute * 60 + second
        }
        self.init(seconds: day * 86_400 + rest)
    }

    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`).
    private static func day(year: Int64, month: Int64, date: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + date - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of `day` (Howard Hinnant, `civil_from_days`).
    private static func civil(fromDay day: Int64) -> (Int64, Int64, Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let date = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date)
    }
}
