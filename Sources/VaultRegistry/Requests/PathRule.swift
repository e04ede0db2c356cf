/// A rule that allows `request` and `proxy` to send a method and path, such as `GET /intelligence/**`.
///
/// The method can be `*` for any. In the path, `*` matches one segment and `**` at the end any number, including none.
/// The query is ignored. Paths are case-sensitive.
public struct PathRule: Sendable, Equatable {
    /// The stored form: the method in upper case, a space and the path.
    public let text: String
    private let method: String
    private let segments: [String]

    /// Parses a rule.
    ///
    /// - Throws: `Problem` if the text is not a method and a path, or the path has a query, a percent sign, or a `*` or
    ///   `**` at the wrong place.
    public init(_ text: String) throws(Problem) {
        func problem(_ reason: String) -> Problem {
            Problem(
                "invalid rule '\(text)': \(reason)",
                "use a method and a path, such as 'GET /intelligence/**'; '*' is any method or segment",
                field: "allow-path")
        }
        let words = text.split(separator: " ")
        guard words.count == 2 else { throw problem("a method and a path are required") }
        method = asciiUppercased(String(words[0]))
        guard method == "*" || RequestMethod.isMethod(method) else { throw problem("invalid method") }
        do { _ = try RequestPath(String(words[1])) } catch { throw problem(error.message) }
        guard !words[1].contains("?"), !words[1].contains("%") else {
            throw problem("a query or percent sign is not allowed")
        }
        segments = words[1].split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { String($0) }
        guard !segments.dropLast().contains("**") else { throw problem("'**' is allowed only at the end") }
        guard !segments.contains(where: { $0.contains("*") && $0 != "*" && $0 != "**" }) else {
            throw problem("'*' must be a whole segment")
        }
        self.text = "\(method) \(words[1])"
    }

    /// Whether the rule covers a request.
    ///
    /// A rule never covers a request that a server could interpret differently because of its path (`UnambiguousPath`)
    /// or its query (`RequestOverride`).
    public func covers(_ method: String, _ path: RequestPath) -> Bool {
        guard self.method == "*" || self.method == asciiUppercased(method),
            let segments = UnambiguousPath.segments(of: path.path), !RequestOverride.isInQuery(of: path)
        else { return false }
        let isOpen = self.segments.last == "**"
        let rule = isOpen ? self.segments.dropLast() : self.segments[...]
        guard isOpen ? segments.count >= rule.count : segments.count == rule.count,
            !segments.dropLast().contains("")
        else { return false }
        return zip(rule, segments).allSatisfy { $0 == "*" || $0 == $1 }
    }
}
