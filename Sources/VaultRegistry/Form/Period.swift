/// A period such as `24h`, `90d`, `12w`, `6m` or `1y`, from an hour to a hundred years.
///
/// A month has 30 days and a year 365, so that a period is a number of seconds and needs no calendar.
public struct Period: Sendable, Hashable, Codable {
    /// The length in seconds.
    public let seconds: Int64

    private static let units: [(suffix: Character, seconds: Int64)] = [
        ("h", 3_600), ("d", 86_400), ("w", 604_800), ("m", 2_592_000), ("y", 31_536_000),
    ]

    private init(seconds: Int64) { self.seconds = seconds }

    /// Parses a positive number with a unit. Returns nil for any other text, or if the period is too long.
    public init?(_ text: some StringProtocol) {
        guard let unit = Self.units.first(where: { $0.suffix == text.last }), text.utf8.count <= 8,
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int64(text.dropLast()), (1...3_153_600_000 / unit.seconds).contains(count)
        else { return nil }
        seconds = count * unit.seconds
    }

    /// Returns a period of a number of days, at least one.
    public static func days(_ count: Int64) -> Period { Period(seconds: max(count, 1) * 86_400) }

    /// The period in days, or in hours if it is not a whole number of days. Parsing it returns the same period.
    public var text: String {
        seconds.isMultiple(of: 86_400) ? "\(seconds / 86_400)d" : "\(seconds / 3_600)h"
    }
}

/// The lifetime of a secret, as far as the connector knows it.
public struct Renewal: Sendable, Equatable {
    /// How often the secret should be rotated.
    public let rotateEvery: Period?
    /// After how long the system itself stops accepting the secret.
    public let expiresAfter: Period?
    /// Steps to revoke the old secret, one on each line.
    public let howToRevoke: String?
}
