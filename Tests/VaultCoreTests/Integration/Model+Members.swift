import TestSupport
import Testing
import VaultLedger

@testable import VaultCore

// Random members give the commands. What a role does not allow must be refused.
extension Model {
    struct Person {
        var role: Role
        var session: Session
    }

    /// Performs a command as a random member.
    ///
    /// - Returns: false when the command was refused because of the member's role.
    /// - Throws: ``Mismatch`` when it was not refused although the role does not allow it.
    mutating func attempt(
        _ action: Action, _ test: TestVault, _ body: (Session) throws -> Void
    ) throws -> Bool {
        let name = chance(2) ? nil : pick(people.keys)
        let (role, session) = name.map { (people[$0]!.role, people[$0]!.session) } ?? (.admin, test.session)
        do {
            try body(session)
        } catch VaultError.access(.forbidden(_, role, action)) where !role.allows(action) {
            return false
        }
        guard role.allows(action) else {
            throw Mismatch(what: "\(role) did \(action.rawValue)")
        }
        return true
    }

    mutating func addMember(_ test: TestVault) throws {
        let name = fresh("m").replacing(" ", with: "")
        let role = Role.allCases.randomElement(using: &numbers)!
        let key = Team.key(UInt8.random(in: 20...255, using: &numbers))
        let isRequest = chance(2)
        let isDone = try attempt(.addMember, test) { session in
            let joining: AddMember.Joining =
                isRequest
                ? .request(
                    try Vault.request(toJoin: test.vault.id, with: .keyFile(key), test.surroundings).text)
                : .credential(.keyFile(key))
            _ = try test.vault.perform(AddMember(name, role, by: joining), as: session)
        }
        guard isDone else { return }
        people[name] = Person(role: role, session: try test.unlock(name, key: key))
        keys[name] = key
    }

    /// Changes the role of a random member, or removes the member.
    mutating func changeMembers(_ test: TestVault) throws {
        guard let name = pick(people.keys), let person = people[name] else { return }
        let role = chance(2) ? nil : Role.allCases.randomElement(using: &numbers)!
        guard role != person.role else { return }
        let losesRight = person.role.mayOpen && !(role?.mayOpen ?? false)
        let action: Action = role == nil ? .removeMember : .changeRole
        do {
            let isDone = try attempt(action, test) { session in
                if let role {
                    _ = try test.vault.perform(ChangeRole(of: name, to: role), as: session)
                } else {
                    _ = try test.vault.perform(RemoveMember(name), as: session)
                }
            }
            guard isDone else { return }
        } catch VaultError.member(.notForOneself(name)) where losesRight {
            return
        }
        if losesRight { epoch += 1 }
        if let role {
            people[name] = Person(role: role, session: try test.unlock(name, key: keys[name]!))
        } else {
            people[name] = nil
            #expect(
                failure { try test.custom("late", as: person.session) }
                    == .access(.noLongerMember(name: name)))
        }
    }
}
