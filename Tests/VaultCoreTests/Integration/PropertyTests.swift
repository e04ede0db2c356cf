import Foundation
import GRDB
import TestSupport
import Testing

@testable import VaultCore

/// Random histories, compared with a model.
@Suite struct PropertyTests {
    /// Two fixed seeds and a random one; `VAULT_SEED` selects a single seed.
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
        // A user without an anchor replays to the same state.
        let stranger = try test.second(anchors: test.folder + "/stranger")
        #expect(stranger.state == test.vault.state && stranger.size == test.vault.size)
    }
}

// Changes by an attacker between the commands.
extension PropertyTests {
    @Test(arguments: seeds)
    func `verification refuses any change of the file, and accepts the file without it`(
        seed: UInt64
    )
        throws
    {
        let test = try TestVault()
        var model = Model(seed: seed)
        var numbers = SeededGenerator(seed: seed &+ 1)
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
                    Issue.record("VAULT_SEED=\(seed), step \(step): the unchanged file was refused")
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

    /// Changes one random value, or deletes one random row.
    ///
    /// - Returns: what was changed; nil when SQLite refuses the change, or the table is empty.
    private func attack(_ test: TestVault, _ numbers: inout SeededGenerator) throws -> String? {
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
