/// Strict rules for host names and IP addresses.
public enum Host {
    /// Whether the text is a host name in lower case (RFC 1123, section 2.1): labels of `[a-z0-9-]`, at most 253 bytes.
    ///
    /// False if the last label has only digits (`1.2.3`, `2130706433`), because resolvers read such a name as IPv4.
    /// Internationalized names are accepted only in ASCII form (`xn--…`).
    static func isName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let hyphen = UInt8(ascii: "-")
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areValid = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && label.allSatisfy { $0.isASCIIAlphanumeric && !$0.isASCIIUppercase || $0 == hyphen }
        }
        guard areValid, let last = labels.last else { return false }
        return !last.allSatisfy(\.isASCIIDigit) && !last.starts(with: "0x".utf8)
    }

    /// Returns the canonical form of an IP address (for IPv6, RFC 5952), or nil if the text is not an IP address.
    ///
    /// IPv4 must be four decimal numbers without leading zeros, IPv6 must not have a zone.
    public static func address(_ text: String) -> String? {
        if text.utf8.contains(UInt8(ascii: ":")) { return IPv6(text)?.description }
        return ipv4(text).map { $0.map { String($0) }.joined(separator: ".") }
    }

    /// Returns the 4 or 16 bytes of an IP address in network byte order, or nil if the text is not an IP address.
    public static func addressBytes(_ text: String) -> [UInt8]? {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return ipv4(text) }
        return IPv6(text)?.groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }

    /// Whether the host is `localhost`, `::1` or an address in 127.0.0.0/8.
    public static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        return ipv4(host)?.first == 127
    }

    static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = String(text).split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in UInt8(part).flatMap { String($0) == part ? $0 : nil } }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }
}

/// An IPv6 address: parses RFC 4291, section 2.2, and writes RFC 5952.
struct IPv6: CustomStringConvertible {
    let groups: [UInt16]

    init?(_ text: String) {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        let isShortened = halves.count == 2
        guard halves.count <= 2, let start = Self.groups(in: halves[0], isEnd: !isShortened),
            let end = isShortened ? Self.groups(in: halves[1], isEnd: true) : []
        else { return nil }
        let missing = 8 - start.count - end.count
        guard isShortened ? missing > 0 : missing == 0 else { return nil }
        groups = start + Array(repeating: 0, count: missing) + end
    }

    private static func groups(in text: Substring, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var tail: [UInt16] = []
        if isEnd, let last = parts.last, let bytes = Host.ipv4(last) {
            parts.removeLast()
            tail = [UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3])]
        }
        let groups = parts.compactMap { part in
            part.utf8.count <= 4 && part.utf8.allSatisfy(\.isASCIIHexDigit) ? UInt16(part, radix: 16) : nil
        }
        return groups.count == parts.count ? groups + tail : nil
    }

    var description: String {
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > max(longest.count, 1) { longest = start..<end }
            start = max(end, start + 1)
        }
        let hex = groups.map { String($0, radix: 16) }
        guard !longest.isEmpty else { return hex.joined(separator: ":") }
        let before = hex[..<longest.lowerBound].joined(separator: ":")
        return before + "::" + hex[longest.upperBound...].joined(separator: ":")
    }
}
