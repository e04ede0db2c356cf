import ArgumentParser
import VaultCore
import VaultLedger
import VaultRegistry

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
        let moment =
            Timestamp(text: text) ?? Period(text).map { Timestamp(seconds: now.seconds + $0.seconds) }
        guard let moment else {
            throw Failure(
                .usage, "'\(text)' is no time", next: "give 90d, 12w, 6m, 1y, or a date such as 2027-01-31")
        }
        guard moment > now else {
            throw Failure(.usage, "\(moment.text) is in the past", next: "give a time to come")
        }
        return moment
    }

    /// A period that an option asks for; zero has a message of its own.
    static func period(_ text: String, option: String) throws(Failure) -> Period {
        if let period = Period(text) { return period }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        if !digits.isEmpty, digits.allSatisfy({ $0 == "0" }), text.utf8.count <= digits.utf8.count + 1 {
            throw Failure(.usage, "\(option): a period of zero is none", next: "give 24h, 90d, 12w, 6m or 1y")
        }
        throw Failure(.usage, "\(option): that is no period", next: "give 24h, 90d, 12w, 6m or 1y")
    }
}

/// How often secrets are to be rotated, of `annotate`.
struct PeriodOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How often a secret is to be rotated: app-key=90d; never, or standard for what the connector says.",
            valueName: "field=period"))
    var rotateEvery: [String] = []

    func rules() throws(Failure) -> [String: RotationRule] {
        var rules: [String: RotationRule] = [:]
        for (field, text) in try Assignments.pairs(rotateEvery, option: "--rotate-every") {
            rules[field] =
                switch text {
                case "never": .never
                case "standard": .standard
                default: .every(try Expiry.period(text, option: "--rotate-every \(field)"))
                }
        }
        return rules
    }
}
