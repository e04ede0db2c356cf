import Foundation
import Testing
import VaultLedger

@testable import VaultCore

/// A file whose bytes were damaged, by a disk or by an editor: every failure says that, in the vault's own words.
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

    /// What the commands fail with on a file with one byte changed.
    private func failures(at place: Int, _ mask: UInt8) throws -> [String: VaultError] {
        var failures: [String: VaultError] = [:]
        for (name, command) in [
            ("verify", { _ = try test.verify(secrets: false) }),
            ("list", { _ = try test.reopen().list(.connection, OwnerFilter()) { _ in } }),
            (
                "exec",
                {
                    let vault = try test.reopen()
                    let variables = try vault.variables(
                        of: ["A"], only: ["CELONIS_API_TOKEN"], program: "true", as: try test.unlock(vault))
                    #expect(variables.flatMap(\.secrets).map(text).joined() == "app-key-value")
                }
            ),
            (
                "set",
                {
                    let vault = try test.reopen()
                    _ = try vault.setSecret("app-key", of: "B", to: secret("new"), as: try test.unlock(vault))
                }
            ),
        ] as [(String, () throws -> Void)] {
            var copy = whole
            copy[place] ^= mask
            // What a command before has seen is no part of this.
            try? FileManager.default.removeItem(atPath: test.anchors)
            try test.restore(copy)
            do { try command() } catch let error as VaultError { failures[name] = error }
            test.close()
        }
        return failures
    }

    /// Whether a failure says that the file is damaged, and not that something else is in the way.
    private func saysDamaged(_ error: VaultError) -> Bool {
        switch error {
        case .damaged, .notAVault, .alteredSchema, .ledger, .tampered, .verificationFailed, .rolledBack,
            .forked:
            true
        // The number of a form that may yet come.
        case .tooNew: true
        // A slot that was damaged and a wrong key cannot be told apart.
        case .wrongCredential, .slotRefused: true
        default: false
        }
    }

    @Test("names every byte of the header that was changed, but for those that may have any value (case 104)")
    func header() throws {
        // The counters of changes and of the schema, the version that the first is valid for, SQLite's own version.
        let free = Set(Array(24..<28) + Array(40..<44) + Array(92..<100))
        for place in 0..<100 {
            for mask: UInt8 in [0x01, 0x80] {
                let found = try failures(at: place, mask)
                for (name, error) in found { #expect(saysDamaged(error), "\(name), \(place): \(error)") }
                #expect(free.contains(place) == found.isEmpty, "\(place): \(found.keys.sorted())")
            }
        }
    }

    @Test("names the damage of any page, and gives no other secret (case 104)")
    func pages() throws {
        var generator = SeededNumbers(seed: 104)
        for _ in 0..<150 {
            let place = Int.random(in: 100..<whole.count, using: &generator)
            let mask = UInt8.random(in: 1...255, using: &generator)
            for (name, error) in try failures(at: place, mask) {
                #expect(saysDamaged(error), "\(name), \(place) ^ \(mask): \(error)")
            }
        }
    }

    @Test("names a page that was exchanged with another, emptied or doubled (case 104)")
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
