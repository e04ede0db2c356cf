import Testing
import VaultLedger
import VaultMemory
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// A small generator whose numbers come again from the same seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// What a vault should hold, kept as simply as can be, while random commands are given to both.
struct Model {
    struct Thing: Equatable {
        var settings: [String: [String]]
        var secrets: [String: String] = [:]
        var versions: [String: UInt64] = [:]
        var tags: [String: String] = [:]
        var note = ""
        /// What waits, and what is still kept, with their versions.
        var policy: [String] = []
        var pending: (version: UInt64, value: String)?
        var previous: (version: UInt64, value: String)?

        static func == (a: Thing, b: Thing) -> Bool {
            a.settings == b.settings && a.secrets == b.secrets && a.versions == b.versions && a.tags == b.tags
                && a.note == b.note
        }
    }

    var connections: [String: Thing] = [:]
    var clients: [String: Thing] = [:]
    var epoch: UInt64 = 1
    /// Everybody but ana, who stays what she is and looks at the rest.
    var people: [String: Person] = [:]
    var keys: [String: SharedSecret] = [:]
    /// The largest version of a field that an owner ever had, by a number that an owner keeps through its names.
    var newest: [String: [String: UInt64]] = [:]
    var numbers: SeededNumbers
    private var counter = 0

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &numbers) == 0 }
    mutating func pick(_ names: some Collection<String>) -> String? {
        names.sorted().randomElement(using: &numbers)
    }

    mutating func fresh(_ word: String) -> String {
        counter += 1
        return "\(word) \(counter)"
    }

    private mutating func domain() -> String {
        "t\(Int.random(in: 0..<50, using: &numbers)).us-1.celonis.cloud"
    }

    /// Gives one random command to the vault and to the model.
    mutating func step(_ test: TestVault) throws {
        switch Int.random(in: 0..<26, using: &numbers) {
        case 0, 1: try create(test)
        case 2: try createClient(test)
        case 3: try createOAuth(test)
        case 4, 5: try edit(test)
        case 6, 7: try set(test)
        case 8: try annotate(test)
        case 9: try remove(test)
        case 10: try use(test)
        case 11: try rename(test)
        case 12: try changeMembers(test)
        case 13, 14: if people.count < 4 { try addMember(test) }
        case 15, 16: try startRotation(test)
        case 17, 18: try finishRotation(test)
        case 19: try abortOrRollBack(test)
        case 20: try allow(test)
        case 21: try setPeriod(test)
        case 22: try changeSlots(test)
        case 23: try recordTest(test)
        case 24: try destroy(test)
        default:
            guard chance(2) else { return }
            if try attempt(.beginEpoch, test, { _ = try test.vault.rotateMasterKey(as: $0) }) { epoch += 1 }
        }
    }

    private mutating func create(_ test: TestVault) throws {
        let name = fresh("connection")
        let isToken = chance(2)
        let field = isToken ? "api-key" : "app-key"
        var thing = Thing(settings: [
            "api-type": ["intelligence"], "auth-type": [isToken ? "token" : "custom"], "domain": [domain()],
        ])
        thing.secrets[field] = fresh("key")
        if chance(3) { thing.tags["env"] = chance(2) ? "prod" : "test" }
        guard
            try attempt(
                .createConnection, test,
                { try test.vault.create(Self.draft(.connection, name, thing), as: $0) })
        else { return }
        connections[name] = given(field, thing, name)
    }

    private mutating func createClient(_ test: TestVault) throws {
        let name = fresh("client")
        var thing = Thing(settings: [
            "client-id": [fresh("id")], "valid-domain-names": ["t.us-1.celonis.cloud"],
        ])
        thing.secrets["client-secret"] = fresh("secret")
        guard
            try attempt(
                .createClient, test, { try test.vault.create(Self.draft(.client, name, thing), as: $0) })
        else { return }
        clients[name] = given("client-secret", thing, name)
    }

    private mutating func createOAuth(_ test: TestVault) throws {
        guard let client = pick(clients.keys) else { return }
        let name = fresh("oauth")
        let thing = Thing(settings: [
            "api-type": ["intelligence"], "auth-type": ["oauth2"], "domain": ["t.us-1.celonis.cloud"],
            "oauth-client": [client], "valid-domain-names": ["t.us-1.celonis.cloud"], "scopes": ["a", "b"],
        ])
        guard
            try attempt(
                .createConnection, test,
                { try test.vault.create(Self.draft(.connection, name, thing), as: $0) })
        else { return }
        connections[name] = thing
    }

    private static func draft(_ kind: OwnerKind, _ name: String, _ thing: Thing) -> OwnerDraft {
        OwnerDraft(
            kind, connector: "celonis", name: name, settings: thing.settings,
            secrets: thing.secrets.mapValues { secret($0) },
            tags: thing.tags.map { Owner.Tag(key: $0.key, value: $0.value) }, note: thing.note)
    }

    /// The thing after one of its fields was given anew.
    private mutating func given(_ field: String, _ thing: Thing, _ name: String) -> Thing {
        var thing = thing
        newest[name, default: [:]][field, default: 0] += 1
        thing.versions[field] = newest[name]![field]
        return thing
    }

    private mutating func edit(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var thing = connections[name],
            let old = thing.secrets.keys.first
        else { return }
        var changes = ["domain": [domain()]]
        var field = old
        if chance(3) {
            field = old == "app-key" ? "api-key" : "app-key"
            changes["auth-type"] = [field == "app-key" ? "custom" : "token"]
        }
        thing.settings.merge(changes) { $1 }
        guard thing.settings != connections[name]!.settings else { return }
        thing.secrets = [field: fresh("key")]
        thing.versions = [:]
        (thing.pending, thing.previous) = (nil, nil)
        let secrets = thing.secrets
        guard
            try attempt(.editConnection, test, { try test.edit(name, changes, secrets: secrets, as: $0) })
        else { return }
        connections[name] = given(field, thing, name)
    }

    private mutating func rename(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var thing = connections[name],
            let field = thing.secrets.keys.first
        else { return }
        let new = fresh("renamed")
        thing.secrets[field] = fresh("key")
        (thing.pending, thing.previous) = (nil, nil)
        let secrets = thing.secrets
        guard
            try attempt(
                .editConnection, test, { try test.edit(name, ["name": [new]], secrets: secrets, as: $0) })
        else { return }
        newest[new] = newest[name]
        connections[name] = nil
        connections[new] = given(field, thing, new)
    }

    private mutating func set(_ test: TestVault) throws {
        let isClient = chance(3)
        guard let name = pick(isClient ? clients.keys : connections.keys),
            var thing = isClient ? clients[name] : connections[name], let field = thing.secrets.keys.first
        else { return }
        let value = fresh("key")
        var version: UInt64?
        guard
            try attempt(
                .setSecret, test, { version = try test.set(name, field, value, as: $0) })
        else { return }
        thing.secrets[field] = value
        thing = given(field, thing, name)
        #expect(version == thing.versions[field])
        if isClient { clients[name] = thing } else { connections[name] = thing }
    }

    private mutating func annotate(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var thing = connections[name] else { return }
        let value = chance(3) ? "" : fresh("value")
        let old = thing
        thing.tags["tag \(Int.random(in: 0..<3, using: &numbers))"] = value.isEmpty ? nil : value
        thing.note = fresh("note")
        let changed = Set(old.tags.keys).union(thing.tags.keys).filter { old.tags[$0] != thing.tags[$0] }
        let tags = changed.map { Owner.Tag(key: $0, value: thing.tags[$0] ?? "") }
        let note = thing.note
        guard
            try attempt(
                .annotateConnection, test,
                { try test.vault.annotate(.connection, name, tags: tags, note: note, as: $0) })
        else { return }
        connections[name] = thing
    }

    private mutating func remove(_ test: TestVault) throws {
        if chance(3) {
            guard let name = pick(clients.keys) else { return }
            let users = connections.filter { $0.value.settings["oauth-client"] == [name] }.keys.sorted()
            let error = failure { try test.vault.remove(.client, name, as: test.session) }
            guard users.isEmpty else {
                guard case .clientInUse(name, let by, _)? = error else {
                    throw Mismatch(what: "\(name) was removed")
                }
                #expect(by.sorted() == users)
                return
            }
            #expect(error == nil)
            clients[name] = nil
        } else if let name = pick(connections.keys) {
            guard
                try attempt(
                    .removeConnection, test, { try test.vault.remove(.connection, name, as: $0) })
            else { return }
            connections[name] = nil
        }
    }

    private mutating func use(_ test: TestVault) throws {
        guard let name = pick(connections.keys), let value = connections[name]?.secrets.values.first else {
            return
        }
        var used: String?
        _ = try attempt(.execConnection, test, { used = try test.use(name, as: $0) })
        #expect(used == nil || used == value)
        #expect(try test.holds(value, name, connections[name]!.secrets.keys.first!))
    }

    struct Mismatch: Error { let what: String }
}

// The vault against the model.
extension Model {
    func check(_ test: TestVault) throws {
        // With what was deposited and not sealed again; and as ana finds it when she unlocks.
        if try test.vault.read({ try !$0.ownersWithDeposits(after: 0, limit: 1).isEmpty }) {
            try test.verify(secrets: false)
        }
        try test.verify()
        let roles = people.mapValues(\.role).merging(["ana": .admin]) { $1 }
        let found = Dictionary(uniqueKeysWithValues: try test.vault.members().map { ($0.name, $0.role) })
        guard found == roles else { throw Mismatch(what: "the members") }
        for (kind, things) in [(OwnerKind.connection, connections), (.client, clients)] {
            var found: [String: Owner] = [:]
            try test.vault.list(kind, OwnerFilter()) { found[$0.name] = $0 }
            guard found.keys.sorted() == things.keys.sorted() else {
                throw Mismatch(what: "the names of \(kind)s")
            }
            for (name, thing) in things { try compare(found[name]!, thing) }
        }
        guard try test.vault.keyStatus().epoch == epoch else { throw Mismatch(what: "the epoch") }
        for (name, thing) in connections {
            let allowed = try test.vault.policy(of: name).uses.map { $0.map(\.rawValue).sorted() } ?? []
            guard allowed == thing.policy else { throw Mismatch(what: "what \(name) may be used for") }
        }
        try checkReplay(test)
    }

    /// The entries alone make the tables that are there.
    private func checkReplay(_ test: TestVault) throws {
        let replayed = ReplayedTables(try test.entries()).rows
        for (table, rows) in try ReplayedTables.stored(test) where replayed[table]! != rows {
            let differing = Set(replayed[table]!).symmetricDifference(rows).sorted()
            throw Mismatch(what: "replay makes another table \(table): \(differing.joined(separator: "; "))")
        }
    }

    /// Every secret is opened and compared, without entries of their own.
    func checkSecrets(_ test: TestVault) throws {
        for (name, thing) in connections.merging(clients, uniquingKeysWith: { first, _ in first }) {
            for (field, value) in thing.secrets {
                guard try test.holds(value, name, field) else { throw Mismatch(what: "\(field) of \(name)") }
            }
        }
    }

    private func compare(_ owner: Owner, _ thing: Thing) throws {
        let same =
            owner.settings.mapValues(\.values) == thing.settings
            && Dictionary(uniqueKeysWithValues: owner.tags.map { ($0.key, $0.value) }) == thing.tags
            && owner.note == thing.note
            && Dictionary(
                uniqueKeysWithValues: owner.secrets.filter(\.isCurrent).map { ($0.field, $0.version) })
                == thing.versions
            && owner.secrets.first { $0.label == "pending" }?.version == thing.pending?.version
            && owner.secrets.first { $0.label == "previous" }?.version == thing.previous?.version
            && owner.secrets.allSatisfy { $0.epoch == epoch }
        guard same else { throw Mismatch(what: "\(owner) is not \(thing)") }
    }
}
