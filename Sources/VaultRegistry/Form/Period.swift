/// A length of time as people give it: `24h`, `90d`, `12w`, `6m`, `1y`.
///
/// A month has 30 days here, and a year 365, so that a period is a number of seconds and nothing has a calendar.
/// From an hour to a hundred years; zero is none.
public struct Period: Sendable, Hashable, Comparable, Codable {
    public let seconds: Int64

    private static let units: [(sign: Character, seconds: Int64)] = [
        ("h", 3_600), ("d", 86_400), ("w", 604_800), ("m", 2_592_000), ("y", 31_536_000),
    ]

    private init(seconds: Int64) { self.seconds = seconds }

    /// Nil for anything else than a number from 1 on and a unit.
    public init?(_ text: some StringProtocol) {
        guard let unit = Self.units.first(where: { $0.sign == text.last }), text.utf8.count <= 8,
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(text.dropLast()), (1...3_153_600_000 / unit.seconds).contains(count)
        else { return nil }
        seconds = count * unit.seconds
    }

    public static func days(_ count: Int64) -> Period { Period(seconds: max(count, 1) * 86_400) }

    public static func < (a: Period, b: Period) -> Bool { a.seconds < b.seconds }

    /// In days where they are whole, otherwise in hours; what is read again as the same.
    public var text: String {
        seconds.isMultiple(of: 86_400) ? "\(seconds / 86_400)d" : "\(seconds / 3_600)h"
    }
}

/// How long a secret lasts, and what ends it: what a connector knows of its system.
public struct Renewal: Sendable, Equatable {
    /// How often it should be rotated.
    public var rotateEvery: Period?
    /// After what time the system itself stops taking it.
    public var expiresAfter: Period?
    /// How a person takes the old one back at the provider, a step a line.
    public var howToRevoke: String?

    public static let none = Renewal()
}
