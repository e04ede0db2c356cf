import Foundation
import TestSupport
import Testing
import VaultCore
import VaultLedger
import VaultRegistry

@testable import VaultCLI

/// All errors, made from the cases in the sources, so that none is forgotten.
@Suite struct EveryErrorTests {
    /// The cases of the error types, with their labels and types.
    private struct Declared {
        var cases: [String: [(name: String, values: [(label: String, type: String)])]] = [:]

        /// The error types that have messages.
        private static let types = [
            "VaultError", "FileError", "BackupError", "UnlockError", "SlotRefusal", "InputError",
            "AccessError",
            "UseError", "ConnectorError", "MemberError", "IntegrityError", "MasterKeyError", "Tampering",
            "BundleFault", "CheckpointFault", "AgentFault", "OutsideFault", "TokenFault", "RotationFault",
            "LedgerError", "EntryProofError", "MemberRequestError",
        ]

        init() throws {
            for module in ["VaultCore", "VaultLedger"] {
                let folder = Repository.file("Sources/\(module)")
                let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
                for case let file as URL in files! where file.pathExtension == "swift" {
                    let text = try String(contentsOf: file, encoding: .utf8)
                    for type in Self.types where text.contains("enum \(type):") {
                        cases[type] = Self.cases(of: type, in: text)
                    }
                }
            }
        }

        private static func cases(
            of type: String, in text: String
        ) -> [(name: String, values: [(label: String, type: String)])] {
            var found: [(name: String, values: [(label: String, type: String)])] = []
            var indent: String?
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
                let margin = String(line.prefix { $0 == " " })
                if line.contains("enum \(type):") { indent = margin + "    " }
                guard let inner = indent else { continue }
                if line == String(inner.dropLast(4)) + "}" { break }
                guard line.hasPrefix(inner + "case ") else { continue }
                found += declarations(String(line.dropFirst(inner.count + 5)))
            }
            return found
        }

        /// `a(x: Int), b` as two cases.
        private static func declarations(
            _ text: String
        ) -> [(name: String, values: [(label: String, type: String)])] {
            var parts = [""]
            var depth = 0
            for character in text {
                if character == "(" || character == "[" { depth += 1 }
                if character == ")" || character == "]" { depth -= 1 }
                if character == ",", depth == 0 {
                    parts.append("")
                } else {
                    parts[parts.count - 1].append(character)
                }
            }
            return parts.map { part in
                let part = part.trimmingCharacters(in: .whitespaces)
                guard let open = part.firstIndex(of: "(") else { return (part, []) }
                let inner = part[part.index(after: open)...].dropLast()
                let values = inner.split(separator: ",").enumerated().map { number, value in
                    let pair = value.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) }
                    return pair.count == 2 ? (pair[0], pair[1]) : ("_\(number)", pair[0])
                }
                return (String(part[..<open]), values)
            }
        }

        /// Sample values of an error type as JSON; empty for an unknown type.
        func values(of type: String) -> [Any] {
            (cases[type] ?? []).flatMap { declared -> [Any] in
                var all: [[String: Any]] = [[:]]
                for (label, type) in declared.values {
                    let samples = samples(of: type)
                    all = all.flatMap { made in samples.map { made.merging([label: $0]) { $1 } } }
                }
                return all.map { [declared.name: $0] }
            }
        }

        private func samples(of type: String) -> [Any] {
            switch type {
            case "String": return ["X1"]
            case "String?": return ["Y1"]
            case "Int", "UInt64", "Int64": return [7]
            case "Bool": return [true, false]
            case "[String]": return [["X1"], ["X1", "X2"]]
            case "[UInt64]": return [[7]]
            case "Timestamp": return json([Timestamp(seconds: 0)])
            case "Identifier", "Identifier?":
                return json([Identifier(bytes: [UInt8](repeating: 1, count: 16))!])
            case "Role": return json(Role.allCases)
            case "OwnerKind": return json([OwnerKind.connection, .client])
            case "Use": return json([Use.exec])
            case "[Use]": return [[Any](), json([Use.exec])]
            case "Action": return json([Action.createVault])
            // Any error will do for a nested one.
            case "VaultError": return [["file": ["_0": ["busy": ["path": "X1"]]]]]
            default: return values(of: type)
            }
        }

        private func json(_ values: [some Encodable]) -> [Any] {
            values.compactMap { value in
                try? JSONSerialization.jsonObject(
                    with: JSONEncoder().encode(value), options: .fragmentsAllowed)
            }
        }
    }

    @Test func `every error has a message without Swift values, and a text for the log (case 95)`() throws {
        let declared = try Declared()
        let names = try MessageTests.names()
        var made = 0
        for value in declared.values(of: "VaultError") {
            let data = try JSONSerialization.data(withJSONObject: value)
            let error = try JSONDecoder().decode(VaultError.self, from: data)
            made += 1
            for problem in error.failure.problems {
                MessageTests.check(problem.message, names, "\(error)")
                MessageTests.check(problem.next ?? "", names, "\(error)")
            }
            MessageTests.check(PlainWords.text(of: error), names, "\(error)")
        }
        // Types with a custom Decodable implementation are left out.
        #expect(made > 150, "\(made)")
    }
}
