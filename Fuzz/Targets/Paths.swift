import VaultText

@testable import VaultRegistry

private let openRules = ["GET /open/**", "GET /open/*", "GET /open/*/x"].map { try! PathRule($0) }

/// Request paths: a path that a rule covers stays inside the rule's path, however a server decodes it.
@Sendable func fuzzPath(_ bytes: [UInt8]) {
    guard let text = text(bytes) else { return }
    _ = try? PathRule(text)
    _ = try? CallerHeader(text)
    _ = RequestOverride.header(among: text.split(separator: "\n").map { String($0) })
    guard let path = try? RequestPath(text) else { return }
    expect(path.text == text, "a path changes its text")
    expect((try? RequestPath(path.path)) != nil, "a path is rejected without its query")
    for rule in openRules where rule.covers("GET", path) {
        for reading in readings(of: path.path) {
            expect(
                reading.starts(with: "/open"), "\(rule.text) covers \(text), which can be read as \(reading)")
        }
    }
}

/// The path as different servers resolve it: decoded once, repeatedly or leniently, cut, trimmed, and with dot segments
/// removed.
private func readings(of path: String) -> [String] {
    var decoded: [[UInt8]] = [Array(path.utf8)]
    for _ in 0..<3 { decoded.append(percentDecoded(decoded.last!)) }
    decoded.append(percentDecoded(unicodeEscapes(Array(path.utf8))))
    decoded += decoded.map(lenientUTF8)
    var readings: [String] = []
    for bytes in decoded {
        for cut in [[], [0], [UInt8(ascii: ";")], [UInt8(ascii: ";"), 0]] as [[UInt8]] {
            for trims in [false, true] { readings.append(resolved(bytes, cut, trims)) }
        }
    }
    return readings
}

private func resolved(_ bytes: [UInt8], _ cut: [UInt8], _ trims: Bool) -> String {
    var segments: [String] = []
    for var segment in bytes.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) {
        if let end = segment.firstIndex(where: cut.contains) { segment = segment[..<end] }
        var text = String(decoding: segment, as: UTF8.self)
        if trims {
            text = String(text.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7f })
            if text.allSatisfy({ $0 == "." }), text.count > 2 { text = ".." }
        }
        switch text {
        case "", ".": break
        case "..": _ = segments.popLast()
        default: segments.append(text)
        }
    }
    return "/" + segments.joined(separator: "/")
}

private func percentDecoded(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = Hex.value(bytes[index + 1]),
            let low = Hex.value(bytes[index + 2])
        {
            result.append(high << 4 | low)
            index += 3
        } else {
            result.append(bytes[index])
            index += 1
        }
    }
    return result
}

/// Decodes `%u002e`, as IIS does.
private func unicodeEscapes(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 5 < bytes.count,
            bytes[index + 1] | 0x20 == UInt8(ascii: "u")
        {
            let digits = bytes[(index + 2)...(index + 5)].compactMap(Hex.value)
            if digits.count == 4 {
                let value = digits.reduce(0) { $0 << 4 | UInt32($1) }
                result += folded(value)
                index += 6
                continue
            }
        }
        result.append(bytes[index])
        index += 1
    }
    return result
}

/// Decodes UTF-8 leniently: accepts overlong forms, and folds look-alikes of ASCII characters.
private func lenientUTF8(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
        guard length > 1, index + length <= bytes.count else {
            result.append(byte)
            index += 1
            continue
        }
        var value = UInt32(byte) & (0x7f >> UInt32(length))
        for next in 1..<length { value = value << 6 | UInt32(bytes[index + next]) & 0x3f }
        result += folded(value)
        index += length
    }
    return result
}

private func folded(_ value: UInt32) -> [UInt8] {
    switch value {
    case ..<0x80: [UInt8(value)]
    case 0x2024, 0xff0e, 0xfe52, 0x3002, 0xff61: Array(".".utf8)
    case 0x2025: Array("..".utf8)
    case 0x2026: Array("...".utf8)
    case 0xff0f, 0x2215, 0x2044: Array("/".utf8)
    case 0xff3c, 0x2216: Array("\\".utf8)
    case 0x2003, 0xa0, 0x3000: Array(" ".utf8)
    default: Array(String(Unicode.Scalar(value).map(Character.init) ?? "?").utf8)
    }
}
