// Every secret of these tests is a random token that exists nowhere else, so finding it in any form is a leak. Each test
// also checks that it would find one.

import Foundation
import Libc
import Testing

/// A secret that is recognized in any output.
struct Canary: Sendable {
    let name: String
    let text: String

    /// Forty characters, some of which are percent-encoded in a URL.
    init(_ name: String) {
        let characters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/&%")
        self.init(name, text: "z" + String((0..<38).map { _ in characters.randomElement()! }) + "z")
    }

    init(_ name: String, text: String) { (self.name, self.text) = (name, text) }

    /// The forms of a leak: parts of it, hexadecimal, base64 at each alignment, percent-encoded.
    var forms: [(form: String, bytes: [UInt8])] {
        let bytes = Array(text.utf8)
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var forms: [(String, String)] = [("in hexadecimal", hex), ("in hexadecimal", hex.uppercased())]
        for padding in 0..<3 {
            // The surrounding bytes change the first and the last characters.
            let coded = Data([UInt8](repeating: 0, count: padding) + bytes).base64EncodedString()
            let own = String(coded.dropFirst(padding == 0 ? 0 : 4).dropLast(4))
            let web = own.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            forms += [("in base64", own), ("in base64url", web)]
        }
        let percent = bytes.map { byte in
            let isPlain =
                byte < 0x80 && Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(decoding: [byte], as: UTF8.self) : "%" + (byte < 16 ? "0" : "") + digits
        }.joined()
        forms += [("percent-encoded", percent), ("percent-encoded", percent.lowercased())]
        let parts = stride(from: 0, through: max(0, bytes.count - 14), by: 13).map {
            Array(bytes[$0..<min($0 + 14, bytes.count)])
        }
        return forms.map { ($0.0, Array($0.1.utf8)) } + parts.map { ("in part", $0) }
    }

    /// The form in which the bytes contain it, or nil.
    func found(in bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty else { return nil }
        return forms.first { Self.contains(bytes, $0.bytes) }?.form
    }

    /// Uses the C library: the test program is not optimized, and searches many megabytes.
    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { hay in
            var start = 0
            while start + wanted.count <= hay.count {
                let rest = hay.count - wanted.count - start + 1
                guard let hit = unsafe memchr(hay.baseAddress! + start, Int32(wanted[0]), rest) else {
                    return false
                }
                if unsafe memcmp(hit, wanted, wanted.count) == 0 { return true }
                unsafe start = UnsafeRawPointer(hit) - hay.baseAddress! + 1
            }
            return false
        }
    }
}

/// The canaries of one test.
struct Aviary: Sendable {
    var canaries: [Canary] = []

    mutating func canary(_ name: String) -> Canary {
        canaries.append(Canary(name))
        return canaries.last!
    }

    /// Records an issue for each canary in the bytes.
    func check(_ bytes: [UInt8], _ place: String, _ location: SourceLocation = #_sourceLocation) {
        for canary in canaries {
            if let form = canary.found(in: bytes) {
                Issue.record("\(canary.name) is \(form) in \(place)", sourceLocation: location)
            }
        }
    }

    /// Checks the names and contents of all files under a folder.
    ///
    /// - Returns: The number of files.
    @discardableResult
    func check(folder: String, _ location: SourceLocation = #_sourceLocation) -> Int {
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        for name in names {
            check(Array(name.utf8), "the name \(name)", location)
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            check(Array(data), name, location)
        }
        return names.count
    }
}

@Suite struct CanaryTests {
    @Test func `finds a canary in every form at any offset`() {
        let canary = Canary("the test's")
        let bytes = Array(canary.text.utf8)
        for length in 0..<4 {
            let around = [UInt8](repeating: 0x41, count: length)
            let coded = Data(around + bytes + around).base64EncodedString()
            #expect(canary.found(in: Array(coded.utf8)) != nil)
            #expect(canary.found(in: around + bytes + around) != nil)
        }
        let hex = bytes.map { String($0, radix: 16) }.joined()
        #expect(canary.found(in: Array("x\(hex)".utf8)) == "in hexadecimal")
        let percent = canary.text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        #expect(canary.found(in: Array(percent.utf8)) != nil)
        #expect(canary.found(in: Array(canary.text.prefix(30).utf8)) == "in part")
        #expect(canary.found(in: Array(Canary("another").text.utf8)) == nil)
    }
}
