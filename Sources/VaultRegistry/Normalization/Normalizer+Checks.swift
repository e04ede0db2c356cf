/// RFC 3986, section 3.3: a `pchar` that is not percent-encoded.
private func isSegmentByte(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || "-._~!$&'()*+,;=:@".utf8.contains(byte)
}

func checkedSegment(_ text: String, field: String?) throws(Problem) -> String {
    guard text.utf8.allSatisfy(isSegmentByte), text != ".", text != ".." else {
        throw Problem(
            field: field, message: "invalid path segment",
            hint: "use letters, digits and - . _ ~ without spaces or slashes")
    }
    return text
}

func normalizedPath(_ text: String, field: String?) throws(Problem) -> String {
    var path = text.hasPrefix("/") ? text : "/" + text
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    if path == "/" { return path }
    // Split bytes, because a slash and a combining mark after it are one character.
    for segment in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
        let isDots = segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8)
        let fits = segment.allSatisfy(isSegmentByte) && !segment.isEmpty && !isDots
        guard fits else {
            throw Problem(
                field: field, message: "invalid path",
                hint: "use a path such as /api/v1, without a query, '..' or '%'")
        }
    }
    return path
}

func checkedScope(_ text: String, field: String?) throws(Problem) -> String {
    let fits = text.utf8.allSatisfy { $0 == 0x21 || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0) }
    guard fits else {
        throw Problem(
            field: field,
            message: "a scope can contain only visible ASCII characters without quotes and backslashes",
            hint: "use a scope of the system, such as integration.data-pools")
    }
    return text
}

/// Headers that the HTTP client sets. A connector that set them could change the target or the framing of a request.
private let reservedHeaders: Set<String> = [
    "host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect",
    "keep-alive", "proxy-authorization", "proxy-connection", "cookie",
]

func checkedHeaderName(_ text: String, field: String?) throws(Problem) -> String {
    guard text.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains($0) }) else {
        throw Problem(field: field, message: "invalid header name", hint: "use a name such as X-Api-Key")
    }
    guard !reservedHeaders.contains(asciiLowercased(text)) else {
        throw Problem(
            field: field, message: "the header '\(text)' is reserved", hint: "use a name such as X-Api-Key")
    }
    return text
}

func checkedPEM(_ text: String, _ label: String, field: String?) throws(Problem) -> String {
    let begin = "-----BEGIN \(label)-----"
    let end = "-----END \(label)-----"
    var isOpen = false
    var blocks = 0
    for line in text.split(separator: "\n").map(\.trimmed) where line.hasPrefix("-----") {
        guard line == (isOpen ? end : begin) else {
            throw Problem(
                field: field, message: "the text contains something other than PEM blocks '\(label)'",
                hint: "paste \(begin) … \(end)")
        }
        isOpen.toggle()
        if !isOpen { blocks += 1 }
    }
    guard blocks > 0, !isOpen, text.hasPrefix(begin), text.hasSuffix(end) else {
        throw Problem(
            field: field, message: "incomplete PEM block '\(label)'", hint: "paste \(begin) … \(end)")
    }
    return text
}
