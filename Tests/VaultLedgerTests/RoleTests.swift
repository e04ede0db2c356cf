import Testing

@testable import VaultLedger

struct RoleTests {
    /// The roles that may perform each action (docs/format.md, section 9).
    static let table: [(Action, Set<Role>)] = [
        (.createVault, [.admin]), (.addMember, [.admin]), (.changeRole, [.admin]), (.removeMember, [.admin]),
        (.beginEpoch, [.admin]), (.retireEpoch, [.admin]), (.resealSecrets, [.admin]),
        (.coverSecrets, [.admin, .user]), (.addConnector, [.admin]),
        (.removeConnector, [.admin]),
        (.acceptLedger, [.admin]),
        (.addSlot, [.admin, .user, .writer, .auditor]), (.removeSlot, [.admin, .user, .writer, .auditor]),
        (.useRecovery, [.admin, .user, .writer, .auditor]), (.refused, [.admin, .user, .writer, .auditor]),
        (.createConnection, [.admin, .user, .writer]), (.editConnection, [.admin, .user, .writer]),
        (.createClient, [.admin, .user, .writer]), (.editClient, [.admin, .user, .writer]),
        (.setSecret, [.admin, .user, .writer]),
        (.annotateConnection, [.admin, .user]), (.removeConnection, [.admin, .user]),
        (.removeClient, [.admin, .user]),
        (.sealDeposit, [.admin, .user]), (.verifySecret, [.admin, .user]),
        (.execConnection, [.admin, .user]),
        (.exportConnection, [.admin]),
        (.rollBackSecret, [.admin, .user]), (.destroySecret, [.admin, .user]),
        (.startRotation, [.admin, .user]), (.testRotation, [.admin, .user]),
        (.finishRotation, [.admin, .user]), (.abortRotation, [.admin, .user]),
        (.allowUses, [.admin]), (.testConnection, [.admin, .user]),
        (.testedConnection, [.admin, .user]), (.requestConnection, [.admin, .user]),
        (.proxyConnection, [.admin, .user]), (.tokenOfConnection, [.admin, .user]),
        (.mintToken, [.admin, .user]),
    ]

    @Test func `allows each action to its roles and no others`() {
        #expect(Set(Self.table.map(\.0)) == Set(Action.allCases))
        for (action, roles) in Self.table {
            for role in Role.allCases {
                #expect(role.allows(action) == roles.contains(role), "\(role) \(action)")
            }
        }
    }

    @Test func `grants the master key to admins and users only`() {
        #expect(Role.allCases.filter(\.mayOpen) == [.admin, .user])
    }
}
