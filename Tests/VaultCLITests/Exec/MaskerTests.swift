import Foundation
import TestSupport
import Testing

@testable import VaultCLI
@testable import VaultMasking

@Suite struct MaskerTests {
    private let key = "MDFkM2Y5:s3cr3t+Kay/With=Signs"

    @Test func `replaces a secret with a mask of fixed length`() {
        #expect(masked("a \(key) b", secrets: [key]) == "a ***** b")
        #expect(masked("a longer-secret-than-that b", secrets: ["longer-secret-than-that"]) == "a ***** b")
    }

    @Test func `passes everything else unchanged, including zero bytes and invalid UTF-8`() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
        #expect(masked([bytes], secrets: [Array(key.utf8)]) == bytes)
        #expect(masked([bytes], secrets: []) == bytes)
    }

    // case 84
    @Test func `finds a secret split at any place, with and without a pause`() {
        let text = "before \(key) after"
        for place in 1..<text.utf8.count {
            let (head, tail) = (String(text.utf8.prefix(place))!, String(text.utf8.dropFirst(place))!)
            #expect(masked(head, tail, secrets: [key]) == "before ***** after")
            let paused = masked(head, tail, secrets: [key], pausing: true)
            #expect(!paused.contains(key) && !paused.contains(key.dropFirst(2)), "\(paused)")
        }
    }

    // case 84
    @Test func `shows at most two bytes of a secret that arrives byte by byte with pauses`() {
        var masker = "x\(key)y".utf8.map { [$0] }
        #expect(
            String(decoding: masked(masker, secrets: [Array(key.utf8)], pausing: true), as: UTF8.self)
                == "xMD*****y")
        let short = Array("tiny-pass".utf8)
        masker = short.map { [$0] }
        #expect(String(decoding: masked(masker, secrets: [short], pausing: true), as: UTF8.self) == "*****")
    }

    @Test func `passes on a prompt at once`() {
        #expect(masked("Continue? [y/N] ", secrets: [key], ending: false) == "Continue? [y/N] ")
    }

    @Test func `holds a partial match until it is decided`() {
        #expect(masked("x MDFk", secrets: [key], pausing: true, ending: false) == "x ")
        #expect(masked("x MDFk", "-", secrets: [key], ending: false) == "x MDFk-")
        #expect(masked("x MDFk", secrets: [key]) == "x MDFk")
        #expect(masked("x M", secrets: [key], pausing: true, ending: false) == "x M")
        #expect(masked("x M", secrets: [key], ending: false) == "x ")
    }

    // case 84
    @Test(arguments: ["", "u", "us", "AppKey ", "user:"]) func `finds base64 at each alignment`(
        prefix: String
    ) {
        for length in [key.utf8.count, 20, 19, 18, 5] {
            let secret = String(key.prefix(length))
            for suffix in ["", "\n", ":more"] {
                let encoded = Data((prefix + secret + suffix).utf8).base64EncodedString()
                let urlSafe = encoded.replacing("+", with: "-").replacing("/", with: "_")
                for form in [encoded, urlSafe, urlSafe.replacing("=", with: "")] {
                    let output = masked("<\(form)>", secrets: [secret])
                    #expect(output.contains("*****"), "\(form) gave \(output)")
                    // Only characters with bits of other bytes remain.
                    let kept = ((prefix.utf8.count + suffix.utf8.count) * 8 + 5) / 6 + 4
                    #expect(output.count <= kept + 5 + 2, "\(form) gave \(output)")
                }
            }
        }
    }

    @Test func `finds base64 wrapped by base64(1)`() {
        let long = String((0..<40).map { "k\($0)" }.joined())
        let encoded = Data(long.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithLineFeed,
        ])
        #expect(masked(encoded, secrets: [long]) == "*****\n*****")
    }

    // case 84
    @Test func `finds percent-encoded, JSON, shell and hexadecimal forms`() throws {
        let secret = "p/ss w'rd+=\"é\\$<&>"
        let json = try JSONSerialization.data(withJSONObject: [secret])
        let forms = [
            secret.addingPercentEncoding(
                withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: "a"..."z")))!,
            "p%2fss%20w%27rd%2b%3d%22%c3%a9%5c%24%3c%26%3e", "p/ss%20w%27rd%2B%3D%22%C3%A9%5C%24%3C%26%3E",
            "p%2Fss+w%27rd%2B%3D%22%C3%A9%5C%24%3C%26%3E", "p%2Fss%20w'rd%2B%3D%22%C3%A9%5C%24%3C%26%3E",
            secret.utf8.map { String(format: "%%%02X", $0) }.joined(),
            secret.utf8.map { String(format: "%02x", $0) }.joined(),
            String(String(decoding: json, as: UTF8.self).dropFirst(2).dropLast(2)),
            #"p/ss w'rd+=\"\u00e9\\$<&>"#, #"p/ss w'rd+=\"é\\$\u003c\u0026\u003e"#,
            #"p/ss w'\''rd+="é\$<&>"#, #"p/ss\ w\'rd+=\"é\\\$\<\&\>"#,
        ]
        for form in forms { #expect(masked("<\(form)>", secrets: [secret]) == "<*****>", "\(form)") }
    }

    @Test func `masks each line of a multiline secret, but not PEM boundaries`() {
        let pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASC\nshort\n-----END KEY-----\n"
        #expect(masked("a " + pem + "b", secrets: [pem]) == "a *****b")
        #expect(masked(pem.replacing("\n", with: "\r\n"), secrets: [pem]) == "*****")
        #expect(
            masked("-----BEGIN KEY-----\n  kiG9w0BAQEFAASC\n", secrets: [pem])
                == "-----BEGIN KEY-----\n  *****\n")
    }

    @Test func `merges matches that touch or overlap`() {
        #expect(masked("abcdeabcdeabcd!", secrets: ["abcde", "deabc"]) == "*****d!")
        #expect(masked("abcde", "abcde", secrets: ["abcde"]) == "*****")
    }

    // No pattern, patterns that fit into the first block, and patterns for which the block grows.
    @Test(arguments: [0, 40, 20_000]) func `keeps no more memory than the patterns need`(count: Int) {
        let secret = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 251) }
        var buffer = PatternBuffer()
        unsafe secret.withUnsafeBytes { unsafe SecretPatterns.append($0, to: &buffer) }
        let (memory, patterns) = buffer.finish()
        let needed = patterns.last?.upperBound ?? 0
        #expect(unsafe memory.bytes.count == needed)
        #expect((needed > 2 * 32_768) == (count == 20_000))
        #expect(masked([secret], secrets: [secret]) == (count == 0 ? [] : Array("*****".utf8)))
    }

    @Test func `does not mask or cover a secret that is too short`() {
        #expect(masked("abc", secrets: ["abc"]) == "abc")
        #expect(!SecretPatterns.covers(secret("abc")) && SecretPatterns.covers(secret("abcd")))
        #expect(masked("x abcd", secrets: ["abcd", ""]) == "x *****")
    }
}
