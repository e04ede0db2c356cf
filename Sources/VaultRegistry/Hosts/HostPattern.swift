/// Where a connector may send.
///
/// Rule of this folder: a host is a name of plain ASCII labels or an IP address in its one canonical spelling;
/// anything that two programs could read differently is refused, not repaired.
///
/// Shapes: `api.example.com` (that name), `*.example.com` (one or more whole labels before it, never
/// `example.com` itself), `*` (any name), an IP address (that one), `<ip>` (any IP address), `<loopback>`
/// (`localhost`, 127.0.0.0/8, ::1). A pattern of names never matches an IP address.
public struct HostPattern: Sendable, Equatable {
    enum Shape: Sendable, Equatable {
        case host(String)
        case below(String)
        case anyName
        case anyAddress
        case loopback
    }

    let shape: Shape
    /// As it is written.
    public let text: String

    /// nil when it has none of the shapes.
    public init?(_ text: String) {
        self.text = text
        switch text {
        case "*": shape = .anyName
        case "<ip>": shape = .anyAddress
        case "<loopback>": shape = .loopback
        default:
            if text.hasPrefix("*.") {
                let suffix = String(text.dropFirst(2))
                // `*.com` would be a permission for a whole registry.
                guard Host.isName(suffix), suffix.contains(".") else { return nil }
                shape = .below(suffix)
            } else {
                guard Host.isName(text) || Host.address(text) == text else { return nil }
                shape = .host(text)
            }
        }
    }

    /// Whether a host, and nothing but a host, is covered; upper and lower case are the same.
    public func matches(_ host: String) -> Bool {
        let host = asciiLowercased(host)
        let isName = Host.isName(host)
        guard isName || Host.address(host) == host else { return false }
        switch shape {
        case .host(let only): return host == only
        case .below(let suffix): return isName && host.hasSuffix("." + suffix)
        case .anyName: return isName
        case .anyAddress: return !isName
        case .loopback: return Host.isLoopback(host)
        }
    }
}
