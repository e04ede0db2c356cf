import VaultRegistry

@testable import VaultCore

// Rotations of credentials by ana, between whatever the others do.
extension Model {
    /// A connection or client with a secret of its own; what it is afterwards is kept by `keep`.
    private mutating func someone() -> (name: String, field: String, thing: Thing)? {
        let all = connections.merging(clients, uniquingKeysWith: { first, _ in first })
        guard let name = pick(all.keys), let thing = all[name], let field = thing.secrets.keys.first else {
            return nil
        }
        return (name, field, thing)
    }

    private mutating func keep(_ thing: Thing, _ name: String) {
        if clients[name] != nil { clients[name] = thing } else { connections[name] = thing }
    }

    mutating func startRotation(_ test: TestVault) throws {
        guard let (name, field, found) = someone() else { return }
        var thing = found
        let value = fresh("key")
        let replaces = chance(2)
        let error = failure { try test.start(name, [field: value], replaces: replaces) }
        if thing.pending != nil, !replaces {
            guard case .rotation(.underWay)? = error else { throw Mismatch(what: "two rotations of \(name)") }
            return
        }
        guard error == nil else { throw error! }
        newest[name, default: [:]][field, default: 0] += 1
        thing.pending = (newest[name]![field]!, value)
        keep(thing, name)
        if chance(2) { try test.tell(name, failure: chance(2) ? "it failed" : nil) }
    }

    mutating func finishRotation(_ test: TestVault) throws {
        guard let (name, field, found) = someone() else { return }
        var thing = found
        let error = failure { try test.finish(name, overlap: .days(1), untested: true) }
        guard let pending = thing.pending else {
            guard case .rotation? = error else { throw Mismatch(what: "finished nothing of \(name)") }
            return
        }
        if pending.version < thing.versions[field]! {
            guard case .rotation(.overtaken)? = error else { throw Mismatch(what: "overtaken: \(name)") }
            return
        }
        guard error == nil else { throw error! }
        thing.previous = (thing.versions[field]!, thing.secrets[field]!)
        (thing.versions[field], thing.secrets[field]) = (pending.version, pending.value)
        thing.pending = nil
        keep(thing, name)
    }

    mutating func abortOrRollBack(_ test: TestVault) throws {
        guard let (name, field, found) = someone() else { return }
        var thing = found
        if chance(2) {
            let error = failure { try test.vault.abortRotation(of: name, as: test.session) }
            guard (error == nil) == (thing.pending != nil) else { throw Mismatch(what: "abort of \(name)") }
            thing.pending = nil
        } else {
            let error = failure { try test.rollBack(name, field) }
            guard (error == nil) == (thing.previous != nil) else { throw Mismatch(what: "back of \(name)") }
            guard let previous = thing.previous else { return }
            thing.previous = (thing.versions[field]!, thing.secrets[field]!)
            (thing.versions[field], thing.secrets[field]) = (previous.version, previous.value)
        }
        keep(thing, name)
    }
}
