/// A pattern of hosts that a connection may send to.
///
/// - `api.example.com` or an IP address matches itself.
/// - `*.example.com` matches one or more labels before it, but not `example.com` itself.
/// - `*` matches any name but no IP address, `<ip>` any IP address.
/// - `<loopback>` matches `localhost`, 127.0.0.0/8 and ::1.
///
/// A host is ASCII labels or an IP address in canonical form. A text that two programs could read differently is
/// rejected, not corrected.
public struct HostPattern: Sendable, Equatable {
    /// The pattern as written.
    public let text: String

    /// Returns nil if the text is not a pattern.
    init?(_ text: String) {
        self.text = text
        if ["*", "<ip>", "<loopback>"].contains(text) { return }
        let suffix = String(text.dropFirst(2))
        // `*.com` would allow a whole registry.
        let isValid =
            text.hasPrefix("*.")
            ? Host.isName(suffix) && suffix.contains(".") : Host.isName(text) || Host.address(text) == text
        if !isValid { return nil }
    }

    /// Whether the pattern matches a host. Case is ignored; a text that is not exactly a host never matches.
    func matches(_ host: String) -> Bool {
        let host = asciiLowercased(host)
        let isName = Host.isName(host)
        guard isName || Host.address(host) == host else { return false }
        switch text {
        case "*": return isName
        case "<ip>": return !isName
        case "<loopback>": return Host.isLoopback(host)
        case _ where text.hasPrefix("*."): return isName && host.hasSuffix(text.dropFirst())
        default: return host == text
        }
    }
}
