import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultText

@testable import VaultLedger

/// The worked example and the table of actions in docs/format.md, which second implementations are written from.
struct DocumentedExampleTests {
    fileprivate let text: String

    init() throws {
        let path = Repository.file("docs/format.md")
        text = try String(contentsOf: path, encoding: .utf8)
    }

    /// The bytes after a label, which may continue on the following lines.
    private func bytes(_ label: String) throws -> [UInt8] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try #require(lines.firstIndex { $0.hasPrefix("\(label)  ") })
        let rest = lines[(first + 1)...].prefix { $0.hasPrefix("          ") }
        let digits = lines[first].dropFirst(label.count) + rest.joined()
        return try #require(Hex.decode(digits.filter { !$0.isWhitespace }))
    }

    @Test func `opens the deposit with the master key of the example`() throws {
        let key = MasterKey(epoch: 2, key: SecretBytes(copying: try bytes("MK[2]")))
        let blob = try bytes("deposit")
        let address = SecretAddress(
            vault: try bytes("vault id"), owner: try bytes("owner id"), field: "app-key", version: 2,
            epoch: 2, settingsDigest: try bytes("settings digest"))
        let secret = try Deposit.open(blob, address: address, masterKey: key)
        let isIt = SecretBytes.equal(secret, SecretBytes(copying: Array("s3cret".utf8)))
        #expect(isIt)
        #expect(try bytes("its SHA-256") == Digest.sha256(blob))
        #expect(text.contains(Hex.encode(key.depositPublic)))
    }

    @Test("computes the digest list of the example, and accepts its entry")
    func digestList() throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("**The secret**") })
        let first = try #require(lines[start...].firstIndex { $0.hasPrefix("sealed  ") })
        let rest = lines[(first + 1)...].prefix { $0.hasPrefix("          ") }
        let sealed = try #require(
            Hex.decode((lines[first].dropFirst("sealed".count) + rest.joined()).filter { !$0.isWhitespace }))
        #expect(try bytes("SHA-256(sealed)") == Digest.sha256(sealed))
        let item = DigestList.Item(
            owner: IdentifierKey(bytes: try bytes("owner id"))!, field: "app-key", version: 1, epoch: 2,
            digest: Hash(Digest.sha256(sealed))!)
        let list = DigestList.encode([item])
        #expect(try bytes("digest list") == list)
        #expect(try bytes("list") == Digest.sha256(list))
        let line = try #require(lines.first { $0.hasPrefix("{\"action\":\"secret.cover\"") })
        let entry = try #require(Entry(bytes: Array(line.utf8)))
        #expect(entry.change.details["list"] == .string(Hex.encode(Digest.sha256(list))))
    }

    @Test func `accepts the request, and opens its slot with the key file`() throws {
        let line = try #require(
            text.split(separator: "\n").first {
                $0.contains("\"signature\":\"") && $0.hasPrefix("{\"id\":\"0")
            })
        let request = try MemberRequest(reading: line + "\n", for: try bytes("vault id"))
        let identity = try request.slot.open(
            with: SecretBytes(copying: Array(0..<32)), vault: request.vault)
        #expect(identity.signPublic == request.signKey && identity.receivePublic == request.receiveKey)
        #expect(text.contains("fingerprint       \(request.fingerprint)"))
    }
}

extension DocumentedExampleTests {
    /// The column `change` of an action in the table of section 7.
    private func documentedChange(of action: Action) throws -> String {
        let row = try #require(
            text.split(separator: "\n").first { line in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                return cells.count >= 5 && cells[1].contains("`\(action.rawValue)`")
            }, "\(action.rawValue) is in no row")
        return row.split(separator: "|", omittingEmptySubsequences: false).dropFirst(3).joined(separator: "|")
    }

    @Test("the table of actions has every key of a change, and marks the optional ones (case 103)")
    func actions() throws {
        for action in Action.allCases {
            let documented = try documentedChange(of: action)
            for (key, _) in Samples.needed(action) where key != "program" {
                #expect(
                    documented.contains("`\(key)`") && !documented.contains("`\(key)`?"),
                    "\(action.rawValue) needs \(key)")
            }
            for (key, _) in Samples.optional(action) {
                #expect(documented.contains("`\(key)`?"), "\(action.rawValue) may have \(key)")
            }
            #expect(documented.contains("**`state`**") == action.recordsState, "\(action.rawValue)")
            let hasSettings = !Samples.change(action, whole: true).settings.isEmpty
            #expect(documented.contains("`settings`?") == hasSettings, "\(action.rawValue)")
        }
    }
}
