import ArgumentParser
import Libc
import VaultCore
import VaultLedger
import VaultRegistry

extension Context {
    var now: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}

/// Parses times and periods in arguments.
enum TimeArgument {
    /// Parses an expiry: a period from now, such as `90d`, or a date.
    static func expiry(_ text: String, from now: Timestamp) throws -> Timestamp {
        let time =
            Timestamp(text: text) ?? Period(text).map { Timestamp(seconds: now.seconds + $0.seconds) }
        guard let time else {
            throw invalid(text, next: "use 90d, 12w, 6m, 1y, or a date such as 2027-01-31")
        }
        try require(time > now, "\(time.text) is in the past", next: "use a future date")
        return time
    }

    /// Parses a time in the past: a date, an RFC 3339 time, or a period before now, such as `7d`.
    static func past(_ text: String, from now: Timestamp) throws -> Timestamp {
        if let time = Timestamp(text: text) { return time }
        if let back = Period(text) { return Timestamp(seconds: now.seconds - back.seconds) }
        throw invalid(text, next: "use 2026-11-23, 2026-11-23T08:00:00Z or 7d")
    }

    private static func invalid(_ text: String, next: String) -> Failure {
        .usage("can't parse '\(text)' as a time").next(next)
    }

    /// Parses the period of an option, such as `90d`.
    static func period(_ text: String, option: String) throws -> Period {
        if let period = Period(text) { return period }
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let isZero =
            !digits.isEmpty && digits.allSatisfy { $0 == 0x30 } && text.utf8.count <= digits.count + 1
        throw Failure.usage(
            "\(option): \(isZero ? "period must be greater than zero" : "invalid period '\(text)'")"
        ).next("use 24h, 90d, 12w, 6m or 1y")
    }
}

/// The rotation periods of `annotate`.
struct RotationPeriodOptions: ParsableArguments {
    @Option(
        help: .init(
            "How often to rotate a secret, such as app-key=90d; never, or standard for the connector's period.",
            valueName: "field=period"))
    var rotateEvery: [String] = []

    func rules() throws -> [String: RotationRule] {
        var rules: [String: RotationRule] = [:]
        let pairs = try Assignments.pairs(rotateEvery, option: "--rotate-every", example: "app-key=90d")
        for (field, text) in pairs {
            rules[field] =
                switch text {
                case "never": .never
                case "standard": .standard
                default: .every(try TimeArgument.period(text, option: "--rotate-every \(field)"))
                }
        }
        return rules
    }
}
