/// RFC 3986, section 3.3: a `pchar` that is not percent-encoded.
private func isSegmentByte(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || "-._~!$&'()*+,;=:@".utf8.contains(byte)
}

func checkedSegment(_ text: String) throws(Problem) -> String {
    guard text.utf8.allSatisfy(isSegmentByte), text != ".", text != ".." else {
        throw Problem(
            "invalid path segment", "use letters, digits and - . _ ~ without spaces or slashes")
    }
    return text
}

func normalizedPath(_ text: String) throws(Problem) -> String {
    var path = text.hasPrefix("/") ? text : "/" + text
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path == "/" { return path }
    // Split bytes, because a slash and a combining mark after it are one character.
    for segment in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
        let isDots = segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8)
        guard segment.allSatisfy(isSegmentByte), !segment.isEmpty, !isDots else {
            throw Problem("invalid path", "use a path such as /api/v1, without a query, '..' or '%'")
        }
    }
    return path
}

func checkedScope(_ text: String) throws(Problem) -> String {
    let fits = text.utf8.allSatisfy { $0 == 0x21 || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0) }
    guard fits else {
        throw Problem(
            "a scope can contain only visible ASCII characters without quotes and backslashes",
            "use a scope of the system, such as integration.data-pools")
    }
    return text
}

/// Headers that the HTTP client sets. A connector that set them could change the target or the framing of a request.
private let reservedHeaders: Set<String> = [
    "host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect",
    "keep-alive", "proxy-authorization", "proxy-connection", "cookie",
]

func checkedHeaderName(_ text: String) throws(Problem) -> String {
    let hint = "use a name such as X-Api-Key"
    guard text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains($0) }) else {
        throw Problem("invalid header name", hint)
    }
    guard !reservedHeaders.contains(asciiLowercased(text)) else {
        throw Problem("the header '\(text)' is reserved", hint)
    }
    return text
}

func checkedPEM(_ text: String, _ label: String) throws(Problem) -> String {
    let begin = "-----BEGIN \(label)-----"
    let end = "-----END \(label)-----"
    let hint = "paste \(begin) … \(end)"
    var isOpen = false
    for line in text.split(separator: "\n").map(\.trimmed) where line.hasPrefix("-----") {
        guard line == (isOpen ? end : begin) else {
            throw Problem("the text contains something other than PEM blocks '\(label)'", hint)
        }
        isOpen.toggle()
    }
    guard !isOpen, text.hasPrefix(begin), text.hasSuffix(end) else {
        throw Problem("incomplete PEM block '\(label)'", hint)
    }
    return text
}
