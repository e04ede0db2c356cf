// Almost every test performs operations through these functions, so a change of an operation's API is made here.

import TestSupport
import VaultCrypto
import VaultLedger
import VaultMemory
import VaultRegistry

@testable import VaultCore

extension TestVault {
    /// Opens the vault a second time.
    ///
    /// - Parameter anchors: the anchors of another user; nil for ana's.
    func second(anchors other: String? = nil) throws -> Vault {
        try Vault.open(path, Self.surroundings(scene, other ?? anchors))
    }

    func unlock(_ vault: Vault) throws -> Session {
        try vault.unlock(vault.member(named: "ana"), with: .keyFile(Self.key))
    }

    /// Verifies the whole vault.
    ///
    /// - Parameter secrets: also opens every secret, in a new session of ana's.
    @discardableResult
    func verify(secrets: Bool = true, checkpoint: String? = nil) throws -> VerifyReport {
        try perform(VerifyVault(checkpoint: checkpoint), secrets: secrets)
    }

    /// Verifies what is new since the last verification.
    @discardableResult
    func verifyNew(secrets: Bool = true) throws -> VerifyReport {
        try perform(VerifyVault(onlyNew: true), secrets: secrets)
    }

    private func perform(_ verify: VerifyVault, secrets: Bool) throws -> VerifyReport {
        let vault = try Vault.open(path, surroundings)
        guard secrets else { return try vault.perform(verify) }
        return try vault.perform(verify, as: try unlock(vault))
    }

    /// Accepts a vault that contradicts an anchor, as ana unless another member unlocks it.
    func accept(anchors other: String? = nil, unlock: ((Vault) throws -> Session)? = nil) throws {
        let surroundings = Self.surroundings(scene, other ?? anchors)
        let vault = try Vault.openIgnoringAnchor(path, surroundings)
        let session = try unlock?(vault) ?? self.unlock(vault)
        vault.surroundings = surroundings
        try vault.perform(AcceptLedger(), as: session)
    }

    /// Changes the policy of a connection to exactly this one.
    func allow(_ policy: UsePolicy, of name: String, as other: Session? = nil) throws {
        try vault.perform(
            AllowUses(
                of: name, uses: policy.uses ?? Set(Use.allCases), paths: policy.paths.map(\.text),
                rotateWith: policy.rotateWith ?? ""),
            as: other ?? session)
    }

    /// The faults that verification reports; empty when it accepts the vault.
    func faults(secrets: Bool = true) throws -> [Tampering] {
        do {
            try verify(secrets: secrets)
            return []
        } catch VaultError.integrity(.verificationFailed(let faults)) {
            return faults
        }
    }
}

// Operations, as ana unless a session is given.
extension TestVault {
    func custom(
        _ name: String, key: String = "app-key-value", domain: String = "team.us-1.celonis.cloud",
        tags: [Owner.Tag] = [], note: String = "", as other: Session? = nil
    ) throws {
        let settings = ["api-type": ["intelligence"], "domain": [domain], "auth-type": ["custom"]]
        try vault.perform(
            CreateOwner(
                OwnerDraft(
                    .connection, connector: "celonis", name: name, settings: settings,
                    secrets: ["app-key": secret(key)],
                    tags: tags, note: note)), as: other ?? session)
    }

    func client(
        _ name: String, domains: [String] = ["team.us-1.celonis.cloud"],
        secret value: String = "client-secret-value"
    ) throws {
        try vault.perform(
            CreateOwner(
                OwnerDraft(
                    .client, connector: "celonis", name: name,
                    settings: ["client-id": ["id-of-\(name)"], "valid-domain-names": domains],
                    secrets: ["client-secret": secret(value)])), as: session)
    }

    func oauth(_ name: String, client: String, domains: [String] = ["team.us-1.celonis.cloud"]) throws {
        let settings = [
            "api-type": ["intelligence"], "domain": [domains[0]], "auth-type": ["oauth2"],
            "oauth-client": [client],
            "valid-domain-names": domains, "scopes": ["studio.packages:read"],
        ]
        try vault.perform(
            CreateOwner(OwnerDraft(.connection, connector: "celonis", name: name, settings: settings)),
            as: session)
    }

    func edit(
        _ name: String, _ changes: [String: [String]], secrets: [String: String] = [:],
        as other: Session? = nil
    ) throws {
        try edit(.connection, name, changes, secrets: secrets, as: other)
    }

    func edit(
        _ kind: OwnerKind, _ name: String, _ changes: [String: [String]], secrets: [String: String] = [:],
        as other: Session? = nil
    ) throws {
        let plan = try vault.perform(PlanEdit(kind, name, changes: changes))
        try vault.perform(EditOwner(plan, secrets: secrets.mapValues { secret($0) }), as: other ?? session)
    }

    @discardableResult
    func set(
        _ owner: String, _ field: String, _ value: String, expires: Timestamp? = nil, as other: Session? = nil
    ) throws -> UInt64 {
        try vault.perform(
            SetSecret(field, of: owner, to: secret(value), expires: expires), as: other ?? session
        )
        .version
    }

    /// The key that `exec` would pass to a child process.
    func use(_ name: String, as other: Session? = nil) throws -> String {
        let variables = try vault.perform(
            OpenVariables(of: [name], only: ["CELONIS_API_TOKEN"], program: "true"), as: other ?? session)
        return variables.flatMap(\.secrets).map(text).joined()
    }

    func holds(_ value: String, _ owner: String, _ field: String) throws -> Bool {
        try vault.perform(VerifySecret(field, of: owner, against: secret(value)), as: session)
    }

    /// Adds a member with a key file, and unlocks the vault as that member.
    func addMember(_ name: String, _ role: Role, key: SharedSecret = TestVault.key) throws -> Session {
        _ = try vault.perform(AddMember(name, role, by: .credential(.keyFile(key))), as: session)
        return try unlock(name, key: key)
    }

    func unlock(
        _ name: String, key: SharedSecret = TestVault.key, depositing: Bool = false
    ) throws -> Session {
        try vault.unlock(try vault.member(named: name), with: .keyFile(key), depositing: depositing)
    }

    func rotate() throws { _ = try vault.perform(RotateMasterKey(), as: session) }

    func names(_ filter: OwnerFilter = OwnerFilter(), _ kind: OwnerKind = .connection) throws -> [String] {
        var names: [String] = []
        try ListOwners(kind, filter).forEach(in: vault) { names.append($0.name) }
        return names
    }
}
