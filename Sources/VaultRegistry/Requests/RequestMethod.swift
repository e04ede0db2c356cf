/// The methods of requests: tokens in capital letters (RFC 9110, section 9.1).
public enum RequestMethod {
    static func isMethod(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIIUppercase || $0 == UInt8(ascii: "-") }
    }

    /// Returns a method in the form in which it is sent.
    ///
    /// - Throws: `Problem` if the text is not a method, or is CONNECT, which opens a tunnel to another host, or TRACE,
    ///   which returns the request with its secrets.
    public static func check(_ text: String) throws(Problem) -> String {
        let method = isMethod(text) ? text : asciiUppercased(text)
        guard isMethod(method) else {
            throw Problem(
                "invalid method '\(text)'", "use GET, POST or DELETE, for example", field: "method")
        }
        guard method != "CONNECT", method != "TRACE" else {
            throw Problem("the method \(method) is not allowed", field: "method")
        }
        return method
    }
}
