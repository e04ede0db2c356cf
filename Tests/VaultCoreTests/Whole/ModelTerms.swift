import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

// What may be done with connections, how often their secrets are to be rotated, how they were tested; and the members'
// ways to unlock.
extension Model {
    mutating func allow(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var thing = connections[name] else { return }
        let uses = Set(Use.allCases.filter { $0 == .exec || chance(2) })
        let policy = UsePolicy(uses: chance(4) ? nil : uses)
        let words = policy.uses.map { $0.map(\.rawValue).sorted() } ?? []
        guard words != thing.policy else { return }
        guard try attempt(.allowUses, test, { try test.vault.allow(policy, of: name, as: $0) }) else {
            return
        }
        thing.policy = words
        connections[name] = thing
    }

    mutating func setPeriod(_ test: TestVault) throws {
        guard let name = pick(connections.keys), let field = connections[name]!.secrets.keys.first else {
            return
        }
        let days = Int.random(in: 1...90, using: &numbers)
        let rule: RotationRule = chance(4) ? .never : .every(Period("\(days)d")!)
        do {
            _ = try attempt(.annotateConnection, test) {
                try test.vault.annotate(
                    .connection, name, tags: [], note: nil, rotate: [field: rule], as: $0)
            }
        } catch VaultError.nothingToDo { return }
    }

    /// Somebody takes another key file, or one more.
    mutating func changeSlots(_ test: TestVault) throws {
        guard let name = pick(people.keys), let person = people[name] else { return }
        let key = Team.key(UInt8.random(in: 20...255, using: &numbers))
        let slots = test.vault.state.member(person.session.member.id)?.slots ?? []
        if chance(2), let old = slots.randomElement(using: &numbers) {
            _ = try test.vault.replaceSlot(old, with: .keyFile(key), as: person.session)
        } else {
            _ = try test.vault.addSlot(.keyFile(key), as: person.session)
        }
        keys[name] = key
        people[name]!.session = try test.unlock(name, key: key)
    }

    mutating func recordTest(_ test: TestVault) throws {
        guard let name = pick(connections.keys), !connections[name]!.secrets.isEmpty else { return }
        let outcome = TestOutcome(passed: chance(2), status: 200)
        _ = try attempt(.testConnection, test) { session in
            let use = try test.vault.open(name, for: .test, as: session)
            try test.vault.recordTest(outcome, of: use, as: session)
        }
    }

    /// Destroys the version that is still kept.
    mutating func destroy(_ test: TestVault) throws {
        let kept = connections.filter { $0.value.previous != nil }.keys
        guard let name = pick(kept), var thing = connections[name], let field = thing.secrets.keys.first
        else {
            return
        }
        let version = thing.previous!.version
        guard
            try attempt(
                .destroySecret, test,
                { _ = try test.vault.destroyVersion(version, of: field, of: name, as: $0) })
        else { return }
        thing.previous = nil
        connections[name] = thing
    }
}
