import Foundation
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
