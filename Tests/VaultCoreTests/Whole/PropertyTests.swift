import Foundation
import GRDB
import Testing

@testable import VaultCore

/// Whatever is done in whatever order, the vault verifies, and holds what a dictionary would.
@Suite struct PropertyTests {
    /// Given seeds, and one of today; `VAULT_SEED` runs a single one again.
    static let seeds: [UInt64] =
        if let text = ProcessInfo.processInfo.environment["VAULT_SEED"], let seed = UInt64(text) {
            [seed]
        } else {
            [1, 2, UInt64.random(in: 0...UInt64.max)]
        }

    @Test(arguments: seeds)
    func `a random history verifies after every step, and every secret opens to its value`(seed: UInt64)
        throws
    {
        let test = try TestVault()
        var model = Model(seed: seed)
        for step in 0..<70 {
            do {
                try model.step(test)
                try model.check(test)
                if step.isMultiple(of: 20) { try test.reopen() }
            } catch {
                Issue.record("VAULT_SEED=\(seed), step \(step): \(error)")
                return
            }
        }
        try model.checkSecrets(test)
        try model.check(test)
        // Somebody who sees it for the first time finds the same.
        let stranger = try test.second(anchors: test.folder + "/stranger")
        #expect(stranger.state == test.vault.state && stranger.size == test.vault.size)
    }
}

// Somebody with an editor, in between.
extension PropertyTests {
    @Test(arguments: seeds)
    func `whatever is changed in the file at whatever time, verifying refuses it, and nothing else`(
        seed: UInt64
    )
        throws
    {
        let test = try TestVault()
        var model = Model(seed: seed)
        var numbers = SeededNumbers(seed: seed &+ 1)
        for step in 0..<40 {
            do {
                try model.step(test)
                let copy = try test.copy()
                let change = try attack(test, &numbers)
                if let change, TamperingTests.uncovered[change] == nil, !TamperingTests.isRefused(test) {
                    Issue.record("VAULT_SEED=\(seed), step \(step): \(change) was accepted")
                    return
                }
                try test.restore(copy)
                try test.reopen()
                if TamperingTests.isRefused(test) {
                    Issue.record("VAULT_SEED=\(seed), step \(step): what nobody changed was refused")
                    return
                }
            } catch {
                Issue.record("VAULT_SEED=\(seed), step \(step): \(error)")
                return
            }
        }
        try model.check(test)
        try model.checkSecrets(test)
    }

    /// Changes one value or deletes one row somewhere; nil where SQLite itself refuses, or there is none.
    private func attack(_ test: TestVault, _ numbers: inout SeededNumbers) throws -> String? {
        let table = TamperingTests.tables.randomElement(using: &numbers)!
        let (columns, count) = try test.raw { db in
            (
                try db.columns(in: table).map(\.name),
                try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
            )
        }
        guard count > 0 else { return nil }
        let column = (columns + ["DELETE"]).randomElement(using: &numbers)!
        let place = Int.random(in: 0..<count, using: &numbers)
        guard try TamperingTests.tamper(test, table, column, place, numbers: &numbers) else { return nil }
        return column == "DELETE" ? "\(table) DELETE" : "\(table).\(column)"
    }
}
