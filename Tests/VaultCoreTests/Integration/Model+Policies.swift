import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

// Use policies, rotation periods, connection tests, destruction of versions, and slots.
extension Model {
    mutating func allow(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var expected = connections[name] else { return }
        let uses = Set(Use.allCases.filter { $0 == .exec || chance(2) })
        // All uses are no limit.
        let policy = UsePolicy(uses: chance(4) || uses.count == Use.allCases.count ? nil : uses)
        let words = policy.uses.map { $0.map(\.rawValue).sorted() } ?? []
        guard words != expected.policy else { return }
        guard try attempt(.allowUses, test, { try test.allow(policy, of: name, as: $0) }) else {
            return
        }
        expected.policy = words
        connections[name] = expected
    }

    mutating func setPeriod(_ test: TestVault) throws {
        guard let name = pick(connections.keys), let field = connections[name]!.secrets.keys.first else {
            return
        }
        let days = Int.random(in: 1...90, using: &numbers)
        let rule: RotationRule = chance(4) ? .never : .every(Period("\(days)d")!)
        do {
            _ = try attempt(.annotateConnection, test) {
                try test.vault.perform(
                    AnnotateOwner(.connection, name, tags: [], note: nil, rotate: [field: rule]), as: $0)
            }
        } catch VaultError.input(.nothingToDo) { return }
    }

    /// Replaces or adds a key-file slot of a random member.
    mutating func changeSlots(_ test: TestVault) throws {
        guard let name = pick(people.keys), let person = people[name] else { return }
        let key = Team.key(UInt8.random(in: 20...255, using: &numbers))
        let slots = test.vault.state.member(person.session.member.id)?.slots ?? []
        if chance(2), let old = slots.randomElement(using: &numbers) {
            _ = try test.vault.perform(ReplaceSlot(old, with: .keyFile(key)), as: person.session)
        } else {
            _ = try test.vault.perform(AddSlot(.keyFile(key)), as: person.session)
        }
        keys[name] = key
        people[name]!.session = try test.unlock(name, key: key)
    }

    mutating func recordTest(_ test: TestVault) throws {
        guard let name = pick(connections.keys), !connections[name]!.secrets.isEmpty else { return }
        let outcome = TestOutcome(passed: chance(2), status: 200)
        _ = try attempt(.testConnection, test) { session in
            let use = try test.vault.perform(OpenConnection(name, for: .test), as: session)
            try test.vault.perform(RecordTest(outcome, of: use), as: session)
        }
    }

    /// Destroys the previous version of a random connection's secret.
    mutating func destroy(_ test: TestVault) throws {
        let kept = connections.filter { $0.value.previous != nil }.keys
        guard let name = pick(kept), var expected = connections[name], let field = expected.secrets.keys.first
        else {
            return
        }
        let version = expected.previous!.version
        guard
            try attempt(
                .destroySecret, test,
                { _ = try test.vault.perform(DestroyVersion(version, of: field, of: name), as: $0) })
        else { return }
        expected.previous = nil
        connections[name] = expected
    }
}
