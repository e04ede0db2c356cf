import TestSupport
import VaultRegistry

@testable import VaultCore

// Rotations of credentials by ana, interleaved with the commands of the other members.
extension Model {
    /// Picks a random connection or client that has a secret.
    private mutating func pickSecret() -> (name: String, field: String, expected: Expected)? {
        let all = connections.merging(clients, uniquingKeysWith: { first, _ in first })
        guard let name = pick(all.keys), let expected = all[name], let field = expected.secrets.keys.first
        else {
            return nil
        }
        return (name, field, expected)
    }

    private mutating func store(_ expected: Expected, _ name: String) {
        if clients[name] != nil { clients[name] = expected } else { connections[name] = expected }
    }

    mutating func startRotation(_ test: TestVault) throws {
        guard let (name, field, found) = pickSecret() else { return }
        var expected = found
        let value = fresh("key")
        let replaces = chance(2)
        let error = failure { try test.start(name, [field: value], replaces: replaces) }
        if expected.pending != nil, !replaces {
            guard case .rotation(.underWay)? = error else { throw Mismatch(what: "two rotations of \(name)") }
            return
        }
        guard error == nil else { throw error! }
        newest[name, default: [:]][field, default: 0] += 1
        expected.pending = (newest[name]![field]!, value)
        store(expected, name)
        if chance(2) { try test.recordTest(name, failure: chance(2) ? "it failed" : nil) }
    }

    mutating func finishRotation(_ test: TestVault) throws {
        guard let (name, field, found) = pickSecret() else { return }
        var expected = found
        let error = failure { try test.finish(name, overlap: .days(1), untested: true) }
        guard let pending = expected.pending else {
            guard case .rotation? = error else { throw Mismatch(what: "finished nothing of \(name)") }
            return
        }
        if pending.version < expected.versions[field]! {
            guard case .rotation(.overtaken)? = error else { throw Mismatch(what: "overtaken: \(name)") }
            return
        }
        guard error == nil else { throw error! }
        expected.previous = (expected.versions[field]!, expected.secrets[field]!)
        (expected.versions[field], expected.secrets[field]) = (pending.version, pending.value)
        expected.pending = nil
        store(expected, name)
    }

    mutating func abortOrRollBack(_ test: TestVault) throws {
        guard let (name, field, found) = pickSecret() else { return }
        var expected = found
        if chance(2) {
            let error = failure { try test.vault.perform(AbortRotation(of: name), as: test.session) }
            guard (error == nil) == (expected.pending != nil) else {
                throw Mismatch(what: "abort of \(name)")
            }
            expected.pending = nil
        } else {
            let error = failure { try test.rollBack(name, field) }
            guard (error == nil) == (expected.previous != nil) else {
                throw Mismatch(what: "back of \(name)")
            }
            guard let previous = expected.previous else { return }
            expected.previous = (expected.versions[field]!, expected.secrets[field]!)
            (expected.versions[field], expected.secrets[field]) = (previous.version, previous.value)
        }
        store(expected, name)
    }
}
