import Foundation
import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

/// Damaged files: every failure is an error of the vault that reports the damage.
struct DamagedFileTests {
    private let test: TestVault
    private let whole: Data

    init() throws {
        test = try TestVault()
        for name in ["A", "B", "C"] {
            try test.custom(
                name, tags: [Owner.Tag(key: "env", value: "prod")], note: String(repeating: "n ", count: 99))
        }
        try test.client("Shared")
        try test.oauth("Uses it", client: "Shared")
        for _ in 0..<20 { _ = try test.use("A") }
        test.close()
        whole = try test.copy()
    }

    /// The errors of commands on a file with one changed byte, by command.
    private func failures(at place: Int, _ mask: UInt8) throws -> [String: VaultError] {
        var failures: [String: VaultError] = [:]
        for (name, command) in [
            ("verify", { _ = try test.verify(secrets: false) }),
            ("list", { _ = try ListOwners(.connection).forEach(in: test.reopen()) { _ in } }),
            (
                "exec",
                {
                    let vault = try test.reopen()
                    let variables = try vault.perform(
                        OpenVariables(of: ["A"], only: ["CELONIS_API_TOKEN"], program: "true"),
                        as: try test.unlock(vault))
                    #expect(variables.flatMap(\.secrets).map(text).joined() == "app-key-value")
                }
            ),
            (
                "set",
                {
                    let vault = try test.reopen()
                    _ = try vault.perform(
                        SetSecret("app-key", of: "B", to: secret("new")), as: try test.unlock(vault))
                }
            ),
        ] as [(String, () throws -> Void)] {
            var copy = whole
            copy[place] ^= mask
            // Each command starts without an anchor.
            try? FileManager.default.removeItem(atPath: test.anchors)
            try test.restore(copy)
            do { try command() } catch let error as VaultError { failures[name] = error }
            test.close()
        }
        return failures
    }

    /// Whether an error reports a damaged file.
    private func saysDamaged(_ error: VaultError) -> Bool {
        switch error {
        case .file(.damaged), .file(.notAVault), .file(.alteredSchema), .integrity(.ledger),
            .integrity(.tampered),
            .integrity(.verificationFailed), .integrity(.rolledBack),
            .integrity(.forked):
            true
        // The damage is in the schema version.
        case .file(.tooNew): true
        // A damaged slot looks like a wrong key.
        case .unlock(.wrongCredential), .unlock(.slotRefused): true
        default: false
        }
    }

    @Test("reports every changed byte of the header, except for those that can have any value (case 104)")
    func header() throws {
        // The change counter, the schema cookie, the version-valid-for number and SQLite's version number.
        let free = Set(Array(24..<28) + Array(40..<44) + Array(92..<100))
        for place in 0..<100 {
            for mask: UInt8 in [0x01, 0x80] {
                let found = try failures(at: place, mask)
                for (name, error) in found { #expect(saysDamaged(error), "\(name), \(place): \(error)") }
                #expect(free.contains(place) == found.isEmpty, "\(place): \(found.keys.sorted())")
            }
        }
    }

    @Test("reports damage of any page, and never returns a wrong secret (case 104)")
    func pages() throws {
        var generator = SeededGenerator(seed: 104)
        for _ in 0..<150 {
            let place = Int.random(in: 100..<whole.count, using: &generator)
            let mask = UInt8.random(in: 1...255, using: &generator)
            for (name, error) in try failures(at: place, mask) {
                #expect(saysDamaged(error), "\(name), \(place) ^ \(mask): \(error)")
            }
        }
    }

    @Test("reports a page that is zeroed or replaced by another (case 104)")
    func wholePages() throws {
        let size = 4096
        for page in 1..<whole.count / size {
            for other in [page % (whole.count / size - 1) + 1, nil] {
                var copy = whole
                let source = other.map { whole[$0 * size..<($0 + 1) * size] } ?? Data(count: size)
                guard copy[page * size..<(page + 1) * size] != source else { continue }
                copy.replaceSubrange(page * size..<(page + 1) * size, with: source)
                try test.restore(copy)
                let error = failure { try test.verify(secrets: false) }
                #expect(error.map(saysDamaged) ?? false, "page \(page) from \(other ?? -1): \(error as Any)")
            }
        }
    }
}
