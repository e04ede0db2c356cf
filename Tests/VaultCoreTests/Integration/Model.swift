import TestSupport
import Testing
import VaultLedger
import VaultMemory
import VaultRegistry

@testable import VaultCore
@testable import VaultStore

/// The expected contents of a vault in plain dictionaries, while random commands change both.
struct Model {
    struct Expected: Equatable {
        var settings: [String: [String]]
        var secrets: [String: String] = [:]
        var versions: [String: UInt64] = [:]
        var tags: [String: String] = [:]
        var note = ""
        var policy: [String] = []
        var pending: (version: UInt64, value: String)?
        var previous: (version: UInt64, value: String)?

        static func == (a: Expected, b: Expected) -> Bool {
            a.settings == b.settings && a.secrets == b.secrets && a.versions == b.versions && a.tags == b.tags
                && a.note == b.note
        }
    }

    var connections: [String: Expected] = [:]
    var clients: [String: Expected] = [:]
    var epoch: UInt64 = 1
    /// All members except ana, who remains an admin.
    var people: [String: Person] = [:]
    var keys: [String: SharedSecret] = [:]
    /// The highest version of each field that an owner ever had, by the owner's name.
    var newest: [String: [String: UInt64]] = [:]
    var numbers: SeededGenerator
    private var counter = 0

    init(seed: UInt64) { numbers = SeededGenerator(seed: seed) }

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

    /// Performs one random command on the vault and on the model.
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
            if try attempt(.beginEpoch, test, { _ = try test.vault.perform(RotateMasterKey(), as: $0) }) {
                epoch += 1
            }
        }
    }

    private mutating func create(_ test: TestVault) throws {
        let name = fresh("connection")
        let isToken = chance(2)
        let field = isToken ? "api-key" : "app-key"
        var expected = Expected(settings: [
            "api-type": ["intelligence"], "auth-type": [isToken ? "token" : "custom"], "domain": [domain()],
        ])
        expected.secrets[field] = fresh("key")
        if chance(3) { expected.tags["env"] = chance(2) ? "prod" : "test" }
        guard
            try attempt(
                .createConnection, test,
                { try test.vault.perform(CreateOwner(Self.draft(.connection, name, expected)), as: $0) })
        else { return }
        connections[name] = given(field, expected, name)
    }

    private mutating func createClient(_ test: TestVault) throws {
        let name = fresh("client")
        var expected = Expected(settings: [
            "client-id": [fresh("id")], "valid-domain-names": ["t.us-1.celonis.cloud"],
        ])
        expected.secrets["client-secret"] = fresh("secret")
        guard
            try attempt(
                .createClient, test,
                { try test.vault.perform(CreateOwner(Self.draft(.client, name, expected)), as: $0) })
        else { return }
        clients[name] = given("client-secret", expected, name)
    }

    private mutating func createOAuth(_ test: TestVault) throws {
        guard let client = pick(clients.keys) else { return }
        let name = fresh("oauth")
        let expected = Expected(settings: [
            "api-type": ["intelligence"], "auth-type": ["oauth2"], "domain": ["t.us-1.celonis.cloud"],
            "oauth-client": [client], "valid-domain-names": ["t.us-1.celonis.cloud"], "scopes": ["a", "b"],
        ])
        guard
            try attempt(
                .createConnection, test,
                { try test.vault.perform(CreateOwner(Self.draft(.connection, name, expected)), as: $0) })
        else { return }
        connections[name] = expected
    }

    private static func draft(_ kind: OwnerKind, _ name: String, _ expected: Expected) -> OwnerDraft {
        OwnerDraft(
            kind, connector: "celonis", name: name, settings: expected.settings,
            secrets: expected.secrets.mapValues { secret($0) },
            tags: expected.tags.map { Owner.Tag(key: $0.key, value: $0.value) }, note: expected.note)
    }

    /// The expectation after a field got a new version.
    private mutating func given(_ field: String, _ expected: Expected, _ name: String) -> Expected {
        var expected = expected
        newest[name, default: [:]][field, default: 0] += 1
        expected.versions[field] = newest[name]![field]
        return expected
    }

    private mutating func edit(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var expected = connections[name],
            let old = expected.secrets.keys.first
        else { return }
        var changes = ["domain": [domain()]]
        var field = old
        if chance(3) {
            field = old == "app-key" ? "api-key" : "app-key"
            changes["auth-type"] = [field == "app-key" ? "custom" : "token"]
        }
        expected.settings.merge(changes) { $1 }
        guard expected.settings != connections[name]!.settings else { return }
        expected.secrets = [field: fresh("key")]
        expected.versions = [:]
        (expected.pending, expected.previous) = (nil, nil)
        let secrets = expected.secrets
        guard
            try attempt(.editConnection, test, { try test.edit(name, changes, secrets: secrets, as: $0) })
        else { return }
        connections[name] = given(field, expected, name)
    }

    private mutating func rename(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var expected = connections[name],
            let field = expected.secrets.keys.first
        else { return }
        let new = fresh("renamed")
        expected.secrets[field] = fresh("key")
        (expected.pending, expected.previous) = (nil, nil)
        let secrets = expected.secrets
        guard
            try attempt(
                .editConnection, test, { try test.edit(name, ["name": [new]], secrets: secrets, as: $0) })
        else { return }
        newest[new] = newest[name]
        connections[name] = nil
        connections[new] = given(field, expected, new)
    }

    private mutating func set(_ test: TestVault) throws {
        let isClient = chance(3)
        guard let name = pick(isClient ? clients.keys : connections.keys),
            var expected = isClient ? clients[name] : connections[name],
            let field = expected.secrets.keys.first
        else { return }
        let value = fresh("key")
        var version: UInt64?
        guard
            try attempt(
                .setSecret, test, { version = try test.set(name, field, value, as: $0) })
        else { return }
        expected.secrets[field] = value
        expected = given(field, expected, name)
        #expect(version == expected.versions[field])
        if isClient { clients[name] = expected } else { connections[name] = expected }
    }

    private mutating func annotate(_ test: TestVault) throws {
        guard let name = pick(connections.keys), var expected = connections[name] else { return }
        let value = chance(3) ? "" : fresh("value")
        let old = expected
        expected.tags["tag \(Int.random(in: 0..<3, using: &numbers))"] = value.isEmpty ? nil : value
        expected.note = fresh("note")
        let changed = Set(old.tags.keys).union(expected.tags.keys).filter {
            old.tags[$0] != expected.tags[$0]
        }
        let tags = changed.map { Owner.Tag(key: $0, value: expected.tags[$0] ?? "") }
        let note = expected.note
        guard
            try attempt(
                .annotateConnection, test,
                { try test.vault.perform(AnnotateOwner(.connection, name, tags: tags, note: note), as: $0) })
        else { return }
        connections[name] = expected
    }

    private mutating func remove(_ test: TestVault) throws {
        if chance(3) {
            guard let name = pick(clients.keys) else { return }
            let users = connections.filter { $0.value.settings["oauth-client"] == [name] }.keys.sorted()
            let error = failure { try test.vault.perform(RemoveOwner(.client, name), as: test.session) }
            guard users.isEmpty else {
                guard case .input(.clientInUse(name, let by, _))? = error else {
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
                    .removeConnection, test,
                    { try test.vault.perform(RemoveOwner(.connection, name), as: $0) })
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

// Compares the vault with the model.
extension Model {
    func check(_ test: TestVault) throws {
        // First with deposits as they are, then after ana's unlock has sealed them.
        if try test.vault.read({ try !$0.ownersWithDeposits(after: 0, limit: 1).isEmpty }) {
            try test.verify(secrets: false)
        }
        try test.verify()
        let roles = people.mapValues(\.role).merging(["ana": .admin]) { $1 }
        let found = Dictionary(
            uniqueKeysWithValues: try test.vault.perform(ListMembers()).map { ($0.name, $0.role) })
        guard found == roles else { throw Mismatch(what: "the members") }
        for (kind, expectations) in [(OwnerKind.connection, connections), (.client, clients)] {
            var found: [String: Owner] = [:]
            try ListOwners(kind, OwnerFilter()).forEach(in: test.vault) { found[$0.name] = $0 }
            guard found.keys.sorted() == expectations.keys.sorted() else {
                throw Mismatch(what: "the names of \(kind)s")
            }
            for (name, expected) in expectations { try compare(found[name]!, expected) }
        }
        guard try test.vault.perform(ShowKeyStatus()).epoch == epoch else {
            throw Mismatch(what: "the epoch")
        }
        for (name, expected) in connections {
            let allowed =
                try test.vault.perform(ShowUsage(of: name)).policy.uses.map { $0.map(\.rawValue).sorted() }
                ?? []
            guard allowed == expected.policy else { throw Mismatch(what: "what \(name) may be used for") }
        }
    }

    /// Compares the value of every secret.
    func checkSecrets(_ test: TestVault) throws {
        for (name, expected) in connections.merging(clients, uniquingKeysWith: { first, _ in first }) {
            for (field, value) in expected.secrets {
                guard try test.holds(value, name, field) else { throw Mismatch(what: "\(field) of \(name)") }
            }
        }
    }

    private func compare(_ owner: Owner, _ expected: Expected) throws {
        let same =
            owner.settings.mapValues(\.values) == expected.settings
            && Dictionary(uniqueKeysWithValues: owner.tags.map { ($0.key, $0.value) }) == expected.tags
            && owner.note == expected.note
            && Dictionary(
                uniqueKeysWithValues: owner.secrets.filter(\.isCurrent).map { ($0.field, $0.version) })
                == expected.versions
            && owner.secrets.first { $0.label == "pending" }?.version == expected.pending?.version
            && owner.secrets.first { $0.label == "previous" }?.version == expected.previous?.version
            && owner.secrets.allSatisfy { $0.epoch == epoch }
        guard same else { throw Mismatch(what: "\(owner) is not \(expected)") }
    }
}
