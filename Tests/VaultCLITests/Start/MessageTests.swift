import Foundation
import TestSupport
import Testing
import VaultCore
import VaultLedger
import VaultRegistry

@testable import VaultCLI

/// Messages are written for users, without values, types or cases as Swift prints them (case 95).
@Suite struct MessageTests {
    /// Identifiers of the sources that mean nothing to users: camel-case cases, such as `wrongCredential`, and types.
    static func names() throws -> Set<String> {
        let root = Repository.file("Sources")
        var names: Set<String> = []
        let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            let ranges = text.ranges(of: #/(?:case|enum|struct|class|indirect case)\s+([A-Za-z]+)/#)
            for range in ranges {
                let name = String(text[range].split(separator: " ").last ?? "")
                if name.dropFirst().contains(where: \.isUppercase), name.contains(where: \.isLowercase) {
                    names.insert(name)
                }
            }
            // `case a, b(x: Int), c`
            for line in text.split(separator: "\n") where line.contains(#/^\s*case [a-z]/#) {
                for match in line.matches(of: #/[ ,]([a-z]+[A-Z][A-Za-z]*)/#) {
                    names.insert(String(match.1))
                }
            }
        }
        // Names that users know.
        return names.subtracting(["OAuth", "OpenSSL"])
    }

    static func check(_ text: String, _ names: Set<String>, _ what: String) {
        for word in text.split(whereSeparator: { !$0.isLetter }) where names.contains(String(word)) {
            Issue.record("\(what): '\(word)' in: \(text)")
        }
        #expect(!text.contains(#/\b[a-z][A-Za-z]*\((path|why|name|member|owner|kind): /#), "\(what): \(text)")
        #expect(!text.contains("Optional(") && !text.contains("Swift."), "\(what): \(text)")
    }

    @Test func `no transcript shows a Swift value, type or case (case 95)`() throws {
        let names = try Self.names()
        #expect(names.contains("wrongCredential") && names.contains("VaultError"))
        for transcript in Transcript.all {
            for command in transcript.commands {
                for line in command.expected where line.hasPrefix("! ") {
                    Self.check(line, names, transcript.name)
                }
            }
        }
    }

    @Test func `the agent logs errors without Swift values (case 95)`() throws {
        let names = try Self.names()
        let errors: [(any Error, String)] = [
            (
                VaultError.unlock(.wrongCredential(member: "ana", kind: "key-file")),
                "unlock: wrong credential: ana, key-file"
            ),
            (VaultError.file(.io(path: "/x", why: "Interrupted system call")), "/x: Interrupted system call"),
            (VaultError.agent(.lockedDuringRequest), "agent: locked during request"),
            (VaultError.agent(.otherMember(open: "ana", wanted: "bo")), "agent: other member: ana, bo"),
            (VaultError.outside(.token(host: "h", .notJSON)), "outside: token: h, not json"),
            (
                VaultError.integrity(.tampered(.secretStale(owner: "A", field: "f", found: 1, signed: 2))),
                "integrity: tampered: secret stale: A, f, 1, 2"
            ),
            (
                VaultError.unlock(.memberUnspecified(members: ["ana", "bo"])),
                "unlock: member unspecified: ana, bo"
            ),
            (VaultError.unlock(.outOfMemory), "unlock: out of memory"),
            (CancellationError(), "cancellation error"),
        ]
        for (error, text) in errors {
            #expect(PlainWords.text(of: error) == text)
            Self.check(PlainWords.text(of: error), names, "\(error)")
        }
    }

    @Test func `no message interpolates a Swift error (case 95)`() throws {
        let root = Repository.file("Sources")
        let files = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
        let raw =
            #/"[^"]*\\\((error|fault|notice|self|type\(of: error\))\)[^"]*"|String\((describing|reflecting): error/#
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            where line.contains(raw) {
                Issue.record("\(file.lastPathComponent):\(number + 1): \(line)")
            }
        }
    }
}
