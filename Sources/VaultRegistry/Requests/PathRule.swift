/// What a connection may be asked by `request` and `proxy`: `GET /intelligence/**`.
///
/// A method, or `*` for any, then a path of whole segments: `*` is one segment, `**` at the end any number of them,
/// none included. The query is not looked at. Upper and lower case of a path are different, of a method not.
public struct PathRule: Sendable, Equatable {
    /// As it is stored: the method in upper case, one space, the path.
    public let text: String
    private let method: String
    private let segments: [String]

    public init(_ text: String) throws(Problem) {
        let fits = "a method and a path, such as 'GET /intelligence/**'; '*' for any method or segment"
        func refuse(_ why: String) -> Problem {
            Problem(field: "allow-path", message: "the rule '\(text)' \(why)", fits: fits)
        }
        let words = text.split(separator: " ")
        guard words.count == 2 else { throw refuse("is not a method and a path") }
        method = asciiUppercased(String(words[0]))
        guard method == "*" || RequestMethod.isMethod(method) else { throw refuse("has no method") }
        do { _ = try RequestPath(String(words[1])) } catch { throw refuse("does not fit: \(error.message)") }
        guard !words[1].contains("?"), !words[1].contains("%") else {
            throw refuse("has a query or percent signs: it is about paths as they are meant")
        }
        segments = words[1].split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0)
        }
        guard !segments.dropLast().contains("**") else { throw refuse("has '**' before its end") }
        let odd = segments.first { $0.contains("*") && $0 != "*" && $0 != "**" }
        guard odd == nil else { throw refuse("has a '*' that is not a whole segment") }
        self.text = "\(method) \(words[1])"
    }

    /// Whether the rule covers a request. It covers none that a server could read otherwise: by its path
    /// (`CertainPath`), or by its query (`RequestOverride`).
    public func covers(_ method: String, _ path: RequestPath) -> Bool {
        guard self.method == "*" || self.method == asciiUppercased(method),
            let segments = CertainPath.segments(of: path.path), !RequestOverride.isInQuery(of: path)
        else { return false }
        return covers(segments)
    }

    private func covers(_ path: [String]) -> Bool {
        if path.dropLast().contains("") { return false }
        if segments.last == "**" {
            let fixed = segments.dropLast()
            guard path.count >= fixed.count else { return false }
            return zip(fixed, path).allSatisfy { $0 == "*" || $0 == $1 }
        }
        return segments.count == path.count && zip(segments, path).allSatisfy { $0 == "*" || $0 == $1 }
    }
}

/// An HTTP method: a token in capital letters (RFC 9110, section 9.1).
public enum RequestMethod {
    public static func isMethod(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIIUppercase || $0 == UInt8(ascii: "-") }
    }

    /// The method as it is sent; CONNECT would make a tunnel to another host, and TRACE sends back what it gets.
    public static func check(_ text: String) throws(Problem) -> String {
        let method = isMethod(text) ? text : asciiUppercased(text)
        guard isMethod(method) else {
            throw Problem(
                field: "method", message: "'\(text)' is not a method", fits: "such as GET, POST or DELETE")
        }
        guard method != "CONNECT", method != "TRACE" else {
            throw Problem(field: "method", message: "\(method) is never sent for a connection")
        }
        return method
    }
}
