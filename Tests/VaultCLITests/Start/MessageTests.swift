import Foundation
import Testing
import VaultCore
import VaultLedger
import VaultRegistry

@testable import VaultCLI

/// What a person reads is written for them: no value, type or case as Swift prints it (case 95).
@Suite struct MessageTests {
    /// Words of the sources that mean nothing to a user: cases with a capital within, as `wrongCredential`, and types.
    static func names() throws -> Set<String> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
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
        // Names of libraries and formats, which users know.
        return names.subtracting(["OAuth", "OpenSSL"])
    }

    static func check(_ text: String, _ names: Set<String>, _ what: String) {
        for word in text.split(whereSeparator: { !$0.isLetter }) where names.contains(String(word)) {
            Issue.record("\(what): '\(word)' in: \(text)")
        }
        #expect(!text.contains(#/\b[a-z][A-Za-z]*\((path|why|name|member|owner|kind): /#), "\(what): \(text)")
        #expect(!text.contains("Optional(") && !text.contains("Swift."), "\(what): \(text)")
    }

    @Test func `no transcript holds a Swift value, type or case (case 95)`() throws {
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

    @Test func `errors of the agent are logged in plain words (case 95)`() throws {
        let names = try Self.names()
        let errors: [(any Error, String)] = [
            (VaultError.wrongCredential(member: "ana", kind: "key-file"), "wrong credential: ana, key-file"),
            (VaultError.io(path: "/x", why: "Interrupted system call"), "/x: Interrupted system call"),
            (VaultError.agent(.lockedMeanwhile), "agent: locked meanwhile"),
            (VaultError.agent(.otherMember(open: "ana", wanted: "bo")), "agent: other member: ana, bo"),
            (VaultError.outside(.token(host: "h", .notJSON)), "outside: token: h, not json"),
            (
                VaultError.tampered(.secretStale(owner: "A", field: "f", found: 1, signed: 2)),
                "tampered: secret stale: A, f, 1, 2"
            ),
            (VaultError.memberNotNamed(members: ["ana", "bo"]), "member not named: ana, bo"),
            (VaultError.outOfMemory, "out of memory"), (CancellationError(), "cancellation error"),
        ]
        for (error, text) in errors {
            #expect(PlainWords.text(of: error) == text)
            Self.check(PlainWords.text(of: error), names, "\(error)")
        }
    }

    @Test func `no message is made of what Swift prints of an error (case 95)`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")
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
