import Foundation
import TestSupport
import Testing
import VaultCrypto
import VaultLedger
import VaultStore
import VaultText

@testable import VaultCore

/// Searches for secrets and keys in everything that is stored or reported.
@Suite struct CanaryTests {
    // cases 51 and 55
    @Test func `no secret is in the ledger, the file, its log, an anchor or an error`() throws {
        let test = try TestVault(credentials: [
            .keyFile(TestVault.key), .passphrase(secret("canary-passphrase")),
        ])
        var canaries: [String] = ["canary-passphrase"]
        func canary() -> String {
            canaries.append("canary-\(canaries.count)-" + String(repeating: "x", count: canaries.count * 7))
            return canaries.last!
        }
        var errors: [String] = []
        func attempt(_ body: () throws -> Void) {
            do { try body() } catch { errors.append("\(error) \(String(reflecting: error))") }
        }
        try test.custom("A", key: canary())
        try test.client("C", secret: canary())
        try test.oauth("O", client: "C")
        try test.set("A", "app-key", canary())
        try test.edit("A", ["domain": ["b.us-1.celonis.cloud"]], secrets: ["app-key": canary()])
        try test.edit("A", ["auth-type": ["token"]], secrets: ["api-key": canary()])
        #expect(try test.use("A") == canaries.last)
        _ = try test.holds(canary(), "A", "api-key")
        _ = try test.vault.perform(AddSlot(.recovery(TestVault.key)), as: test.session)
        try test.rotate()
        let before = errors.count
        attempt { try test.custom("A", key: canary()) }
        attempt { try test.custom("B", key: canary() + "\u{0}") }
        attempt { try test.set("A", "api-key", "AppKey " + canary()) }
        attempt { try test.set("A", "app-key", canary()) }
        attempt { try test.edit("A", ["domain": ["not a host"]], secrets: ["api-key": canary()]) }
        attempt { try test.edit("A", ["auth-type": ["custom"]], secrets: ["api-key": canary()]) }
        attempt {
            _ = try test.vault.unlock(
                try test.vault.member(named: "ana"), with: .passphrase(secret(canary())))
        }
        attempt { _ = try test.holds(canary() + "\nline", "A", "api-key") }
        try test.raw("UPDATE owners SET note = 'x' WHERE name = 'A'")
        attempt { _ = try test.use("A") }
        attempt { try test.set("A", "api-key", canary()) }
        attempt { _ = try test.verify() }
        #expect(errors.count == before + 11)

        var places = try test.bytesOnDisk()
        places["errors and notices"] = Array((errors + test.scene.notices.map { "\($0)" }).joined().utf8)
        var ledger: [UInt8] = []
        try ExportEntries().forEach(in: test.vault) { ledger += Array($0.text.utf8) }
        places["the ledger"] = ledger
        #expect(places.count >= 4)
        for (place, bytes) in places {
            for canary in canaries {
                for form in Self.forms(canary) where bytes.contains(form) {
                    Issue.record("\(canary) is in \(place)")
                }
            }
        }
    }

    // case 51: keys
    @Test func `no key is in the file, its log or an anchor`() throws {
        let test = try TestVault()
        try test.custom("A")
        try test.rotate()
        let master = try test.vault.file.read { try test.session.masterKey(2, test.vault.known, $0) }
        let keys = [
            master.key.withKey { key in unsafe key.withUnsafeBytes { unsafe [UInt8]($0) } },
            test.session.identity.withSeed { seed in unsafe seed.withUnsafeBytes { unsafe [UInt8]($0) } },
            [UInt8](repeating: 7, count: 32),
        ]
        for (place, bytes) in try test.bytesOnDisk() {
            for key in keys {
                #expect(!bytes.contains(key), "a key is in \(place)")
                #expect(!bytes.contains(Array(Hex.encode(key).utf8)), "a key is in \(place), in hexadecimal")
                #expect(!bytes.contains(Array(Base64.encode(key).utf8)), "a key is in \(place), in base64")
            }
        }
    }

    /// The encodings to search for: plain, hexadecimal in both cases, and base64 at each of the three alignments.
    private static func forms(_ text: String) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        let base64 = (0..<3).map { lead in
            let encoded = Data([UInt8](repeating: 0, count: lead) + bytes).base64EncodedString()
            return Array(encoded.utf8.dropFirst(lead == 0 ? 0 : 4).prefix(bytes.count))
        }
        return [bytes, Array(Hex.encode(bytes).utf8), Array(Hex.encode(bytes).uppercased().utf8)] + base64
    }
}
