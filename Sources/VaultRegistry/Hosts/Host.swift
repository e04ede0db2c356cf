/// Strict rules for host names and IP addresses.
public enum Host {
    /// Whether the text is a host name in lower case (RFC 1123, section 2.1): labels of `[a-z0-9-]`, at most 253 bytes.
    ///
    /// False if the last label has only digits (`1.2.3`, `2130706433`), because resolvers read such a name as IPv4.
    /// Internationalized names are accepted only in ASCII form (`xn--…`).
    static func isName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count) else { return false }
            guard label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else { return false }
            let fits = label.allSatisfy {
                $0.isASCIIAlphanumeric && !$0.isASCIIUppercase || $0 == UInt8(ascii: "-")
            }
            guard fits else { return false }
        }
        guard let last = labels.last, !last.allSatisfy(\.isASCIIDigit) else { return false }
        return !(last.starts(with: "0x".utf8))
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
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit) else { return nil }
            guard part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            let value = part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard let byte = UInt8(exactly: value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}

/// An IPv6 address: parses RFC 4291, section 2.2, and writes RFC 5952.
struct IPv6: CustomStringConvertible {
    let groups: [UInt16]

    init?(_ text: String) {
        guard text.utf8.count <= 45 else { return nil }
        var halves: [[UInt16]] = []
        let ends = text.splitOnDoubleColon
        guard ends.count <= 2 else { return nil }
        for (index, end) in ends.enumerated() {
            guard let groups = IPv6.read(end, isEnd: index == ends.count - 1) else { return nil }
            halves.append(groups)
        }
        let count = halves.reduce(0) { $0 + $1.count }
        guard ends.count == 2 ? count <= 7 : count == 8 else { return nil }
        groups = halves[0] + Array(repeating: 0, count: 8 - count) + (halves.count == 2 ? halves[1] : [])
    }

    private static func read(_ text: Substring, isEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if isEnd, index == parts.count - 1, let bytes = Host.ipv4(part) {
                groups.append(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))
                groups.append(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
            } else {
                let isHex = part.utf8.allSatisfy(\.isASCIIHexDigit)
                guard (1...4).contains(part.utf8.count), isHex, let group = UInt16(part, radix: 16) else {
                    return nil
                }
                groups.append(group)
            }
        }
        return groups
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

extension String {
    fileprivate var splitOnDoubleColon: [Substring] {
        let bytes = utf8
        var parts: [Substring] = []
        var start = startIndex
        var index = startIndex
        while index < endIndex {
            let next = bytes.index(after: index)
            if next < endIndex, bytes[index] == UInt8(ascii: ":"), bytes[next] == UInt8(ascii: ":") {
                parts.append(self[start..<index])
                index = bytes.index(after: next)
                start = index
            } else {
                index = next
            }
        }
        parts.append(self[start...])
        return parts
    }
}
