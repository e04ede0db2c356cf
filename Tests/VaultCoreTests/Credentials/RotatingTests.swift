import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// What is used changes at one moment only, and never because of something that failed.
@Suite struct RotatingTests {
    @Test func `what is used stays until the rotation is finished, and the old one for the overlap`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        #expect(try test.labels("A") == ["1 current", "2 pending"])
        #expect(try test.use("A") == "old")
        try test.tell("A")
        #expect(try test.use("A") == "old")
        let step = try test.finish("A")
        #expect(step.versions == [FieldVersion(field: "app-key", version: 2)])
        #expect(step.keepUntil == Timestamp(text: "2026-03-02T08:00:00Z"))
        #expect(try test.labels("A") == ["1 previous", "2 current"])
        #expect(try test.use("A") == "new")
        try test.verify()
        let entry = try #require(try test.entries().last { $0.action == .finishRotation })
        #expect(entry.change.details["untested"] == nil)
        #expect(entry.change.state?.secrets.map(\.label) == [.previous, .current])
    }

    @Test func `a failed test never touches what is used, and stands in the way of finishing`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        #expect(rotationFault { try test.finish("A") } == .untested(owner: "A"))
        try test.tell("A")
        // A pass is taken back by a later failure.
        try test.tell("A", failure: "Celonis does not know the key.")
        #expect(rotationFault { try test.finish("A") } == .untested(owner: "A"))
        #expect(try test.use("A") == "old")
        #expect(try test.vault.rotations(of: "A").map(\.stage) == [.pending])
        try test.finish("A", untested: true)
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .finishRotation && entry.change.details["untested"] == true)
        #expect(try test.use("A") == "new")
        try test.verify()
    }

    @Test func `of two people at once the second is told of the first, and takes over only by saying so`()
        throws
    {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let bo = try test.addMember("bo", .user)
        try test.start("A", ["app-key": "ana's"])
        let began = test.scene.now
        test.pass(1)
        #expect(
            rotationFault { try test.start("A", ["app-key": "bo's"], as: bo) }
                == .underWay(owner: "A", fields: ["app-key"], by: "ana", since: began))
        let tested = try test.vault.rotations(of: "A")[0].versions
        try test.start("A", ["app-key": "bo's"], replaces: true, as: bo)
        #expect(try test.labels("A") == ["1 current", "3 pending"])
        // The test that ana was making is not one of what bo has started.
        let late = RotationTest(of: "A", versions: tested, tried: [.init(connection: "A")])
        #expect(
            rotationFault { try test.vault.recordRotationTest(late, as: test.session) }
                == .replacedMeanwhile(owner: "A"))
        try test.tell("A", as: bo)
        try test.finish("A", as: bo)
        #expect(try test.use("A") == "bo's")
        try test.verify()
    }

    @Test func `finishing does not put an older secret in the place of one that was set meanwhile`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        try test.tell("A")
        test.pass(1)
        try test.set("A", "app-key", "newest")
        #expect(
            rotationFault { try test.finish("A") }
                == .overtaken(owner: "A", field: "app-key", by: "ana", at: test.scene.now))
        #expect(try test.use("A") == "newest")
        #expect(try test.labels("A") == ["2 pending", "3 current"])
        try test.verify()
    }

    // case 28
    @Test func `an edit meanwhile destroys what was pending, and finishing says by whom`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let bo = try test.addMember("bo", .user)
        try test.replace("A", "first")
        try test.start("A", ["app-key": "new"])
        try test.tell("A")
        let plan = try test.vault.planEdit(.connection, "A", changes: ["domain": ["b.us-1.celonis.cloud"]])
        #expect(plan.needed.map(\.key) == ["app-key"])
        #expect(plan.lost.map(\.label) == ["previous", "pending"])
        try test.vault.edit(plan, secrets: ["app-key": secret("edited")], as: bo)
        #expect(try test.labels("A") == ["4 current"])
        #expect(
            rotationFault { try test.finish("A") }
                == .settingsEdited(owner: "A", by: "bo", at: test.scene.now))
        #expect(try test.use("A") == "edited")
        // Once it was started again, an abort is no edit.
        try test.start("A", ["app-key": "again"])
        _ = try test.vault.abortRotation(of: "A", as: test.session)
        #expect(rotationFault { try test.finish("A") } == .nothingPending(owner: "A"))
        try test.verify()
    }

    @Test func `what does not fit is said in its own words, and changes nothing`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let past = Timestamp(text: "2026-01-01T00:00:00Z")!
        let size = test.vault.size
        #expect(
            rotationFault { try test.vault.abortRotation(of: "A", as: test.session) }
                == .nothingPending(owner: "A"))
        #expect(rotationFault { try test.tell("A") } == .nothingPending(owner: "A"))
        #expect(rotationFault { try test.rollBack("A") } == .noPrevious(owner: "A", field: "app-key"))
        #expect(rotationFault { try test.start("A", ["app-key": "x"], expires: past) } == .expiryPast(past))
        #expect(failure { try test.start("A", [:]) } == .nothingToDo("A"))
        #expect(
            failure { try test.start("A", ["api-key": "x"]) }
                == .noSuchSecret(owner: "A", field: "api-key", fields: ["app-key"]))
        #expect(
            rotationFault { try test.vault.destroyVersion(1, of: "app-key", of: "A", as: test.session) }
                == .versionIsCurrent(owner: "A", field: "app-key", version: 1))
        #expect(
            rotationFault { try test.vault.destroyVersion(7, of: "app-key", of: "A", as: test.session) }
                == .noSuchVersion(owner: "A", field: "app-key", version: 7, versions: [1]))
        #expect(test.vault.size == size)
        #expect(try test.labels("A") == ["1 current"])
    }

    // case 50
    @Test func `a clock that went back ends no overlap before it began`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        try test.tell("A")
        let seen = test.scene.now
        test.pass(-24)
        #expect(
            rotationFault { try test.finish("A") }
                == .clockWentBack(owner: "A", now: test.scene.now, seen: seen))
        #expect(try test.use("A") == "old")
        test.scene.now = seen
        try test.finish("A")
    }

    @Test func `without an overlap nothing is kept, for a provider that allows one key only`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        #expect(try test.finish("A", overlap: nil, untested: true).keepUntil == nil)
        #expect(try test.labels("A") == ["2 current"])
        #expect(rotationFault { try test.rollBack("A") } == .noPrevious(owner: "A", field: "app-key"))
        try test.verify()
    }

    @Test func `a client's secret is rotated once for all connections that use it`() throws {
        let test = try TestVault()
        try test.client("C", secret: "old")
        try test.oauth("A", client: "C")
        try test.start("C", ["client-secret": "new"])
        let pending = try test.vault.rotations(of: "C")[0]
        #expect(pending.kind == .client)
        let failed = RotationTest(
            of: "C", versions: pending.versions,
            tried: [.init(connection: "A"), .init(connection: "B", failure: "no such scope")])
        _ = try test.vault.recordRotationTest(failed, as: test.session)
        #expect(rotationFault { try test.finish("C") } == .untested(owner: "C"))
        try test.tell("C")
        try test.finish("C")
        #expect(try test.holds("new", "C", "client-secret"))
        try test.verify()
    }

    @Test(arguments: [Role.writer, .auditor])
    func `who opens nothing rotates nothing`(role: Role) throws {
        let test = try TestVault()
        try test.custom("A")
        try test.replace("A", "new")
        try test.start("A", ["app-key": "newer"])
        let bo = try test.addMember("bo", role)
        let attempts: [(Action, () throws -> Void)] = [
            (.startRotation, { try test.start("A", ["app-key": "x"], as: bo) }),
            (.testRotation, { try test.tell("A", as: bo) }),
            (.finishRotation, { try test.finish("A", untested: true, as: bo) }),
            (.abortRotation, { _ = try test.vault.abortRotation(of: "A", as: bo) }),
            (
                .rollBackSecret,
                { _ = try test.vault.rollBack(["app-key"], of: "A", overlap: .days(1), as: bo) }
            ),
            (.destroySecret, { _ = try test.vault.destroyVersion(1, of: "app-key", of: "A", as: bo) }),
        ]
        for (action, attempt) in attempts {
            #expect(failure(attempt) == .forbidden(member: "bo", role: role, action: action))
        }
        #expect(try test.labels("A") == ["1 previous", "2 current", "3 pending"])
    }
}
