import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

/// Rotations of credentials: start, test, finish, abort and roll back.
@Suite struct RotatingTests {
    @Test
    func `the current version changes when the rotation finishes, and the old one is kept for the overlap`()
        throws
    {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        #expect(try test.labels("A") == ["1 current", "2 pending"])
        #expect(try test.use("A") == "old")
        try test.recordTest("A")
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

    @Test func `a failed test leaves the current version in use and blocks finishing`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        #expect(rotationFault { try test.finish("A") } == .untested(owner: "A"))
        try test.recordTest("A")
        // A later failure revokes a pass.
        try test.recordTest("A", failure: "Celonis does not know the key.")
        #expect(rotationFault { try test.finish("A") } == .untested(owner: "A"))
        #expect(try test.use("A") == "old")
        #expect(try test.vault.perform(ListRotations(of: "A")).map(\.stage) == [.pending])
        try test.finish("A", untested: true)
        let entry = try #require(try test.entries().last)
        #expect(entry.action == .finishRotation && entry.change.details["untested"] == true)
        #expect(try test.use("A") == "new")
        try test.verify()
    }

    @Test func `refuses a second rotation by another member unless it replaces the first`()
        throws
    {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let bo = try test.addMember("bo", .user)
        try test.start("A", ["app-key": "ana's"])
        let began = test.scene.now
        test.advance(hours: 1)
        #expect(
            rotationFault { try test.start("A", ["app-key": "bo's"], as: bo) }
                == .underWay(owner: "A", fields: ["app-key"], by: "ana", since: began))
        let tested = try test.vault.perform(ListRotations(of: "A"))[0].versions
        try test.start("A", ["app-key": "bo's"], replaces: true, as: bo)
        #expect(try test.labels("A") == ["1 current", "3 pending"])
        // The result of ana's test does not apply to bo's rotation.
        let late = RecordRotationTest(of: "A", versions: tested, tried: [.init(connection: "A")])
        #expect(
            rotationFault { try test.vault.perform(late, as: test.session) }
                == .replacedSinceTest(owner: "A"))
        try test.recordTest("A", as: bo)
        try test.finish("A", as: bo)
        #expect(try test.use("A") == "bo's")
        try test.verify()
    }

    @Test func `finishing does not replace a secret that was set after the start`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        try test.recordTest("A")
        test.advance(hours: 1)
        try test.set("A", "app-key", "newest")
        #expect(
            rotationFault { try test.finish("A") }
                == .overtaken(owner: "A", field: "app-key", by: "ana", at: test.scene.now))
        #expect(try test.use("A") == "newest")
        #expect(try test.labels("A") == ["2 pending", "3 current"])
        try test.verify()
    }

    // case 28
    @Test func `an edit destroys the pending version, and finishing names the member`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let bo = try test.addMember("bo", .user)
        try test.replace("A", "first")
        try test.start("A", ["app-key": "new"])
        try test.recordTest("A")
        let plan = try test.vault.perform(
            PlanEdit(.connection, "A", changes: ["domain": ["b.us-1.celonis.cloud"]]))
        #expect(plan.needed == ["app-key"])
        #expect(plan.lost.map(\.label) == ["previous", "pending"])
        try test.vault.perform(EditOwner(plan, secrets: ["app-key": secret("edited")]), as: bo)
        #expect(try test.labels("A") == ["4 current"])
        #expect(
            rotationFault { try test.finish("A") }
                == .settingsEdited(owner: "A", fields: ["app-key"], by: "bo", at: test.scene.now))
        #expect(try test.use("A") == "edited")
        // After a new start, an abort is not mistaken for an edit.
        try test.start("A", ["app-key": "again"])
        _ = try test.vault.perform(AbortRotation(of: "A"), as: test.session)
        #expect(rotationFault { try test.finish("A") } == .nothingPending(owner: "A", fields: ["app-key"]))
        try test.verify()
    }

    @Test func `each invalid step has its own error and changes nothing`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        let past = Timestamp(text: "2026-01-01T00:00:00Z")!
        let size = test.vault.size
        #expect(
            rotationFault { try test.vault.perform(AbortRotation(of: "A"), as: test.session) }
                == .nothingPending(owner: "A", fields: ["app-key"]))
        #expect(
            rotationFault { try test.recordTest("A") } == .nothingPending(owner: "A", fields: ["app-key"]))
        #expect(rotationFault { try test.rollBack("A") } == .noPrevious(owner: "A", field: "app-key"))
        #expect(rotationFault { try test.start("A", ["app-key": "x"], expires: past) } == .expiryPast(past))
        #expect(failure { try test.start("A", [:]) } == .input(.nothingToDo("A")))
        #expect(
            failure { try test.start("A", ["api-key": "x"]) }
                == .input(.noSuchSecret(owner: "A", field: "api-key", fields: ["app-key"])))
        #expect(
            rotationFault {
                try test.vault.perform(DestroyVersion(1, of: "app-key", of: "A"), as: test.session)
            }
                == .versionIsCurrent(owner: "A", field: "app-key", version: 1))
        #expect(
            rotationFault {
                try test.vault.perform(DestroyVersion(7, of: "app-key", of: "A"), as: test.session)
            }
                == .noSuchVersion(owner: "A", field: "app-key", version: 7, versions: [1]))
        #expect(test.vault.size == size)
        #expect(try test.labels("A") == ["1 current"])
    }

    // case 50
    @Test func `refuses to finish when the clock went back`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        try test.recordTest("A")
        let seen = test.scene.now
        test.advance(hours: -24)
        #expect(
            rotationFault { try test.finish("A") }
                == .clockWentBack(owner: "A", now: test.scene.now, seen: seen))
        #expect(try test.use("A") == "old")
        test.scene.now = seen
        try test.finish("A")
    }

    @Test func `without an overlap, the old version is not kept`() throws {
        let test = try TestVault()
        try test.custom("A", key: "old")
        try test.start("A", ["app-key": "new"])
        #expect(try test.finish("A", overlap: nil, untested: true).keepUntil == nil)
        #expect(try test.labels("A") == ["2 current"])
        #expect(rotationFault { try test.rollBack("A") } == .noPrevious(owner: "A", field: "app-key"))
        try test.verify()
    }

    @Test func `a client's secret is rotated once for all its connections`() throws {
        let test = try TestVault()
        try test.client("C", secret: "old")
        try test.oauth("A", client: "C")
        try test.start("C", ["client-secret": "new"])
        let pending = try test.vault.perform(ListRotations(of: "C"))[0]
        #expect(pending.kind == .client)
        let failed = RecordRotationTest(
            of: "C", versions: pending.versions,
            tried: [.init(connection: "A"), .init(connection: "B", failure: "no such scope")])
        _ = try test.vault.perform(failed, as: test.session)
        #expect(rotationFault { try test.finish("C") } == .untested(owner: "C"))
        try test.recordTest("C")
        try test.finish("C")
        #expect(try test.holds("new", "C", "client-secret"))
        try test.verify()
    }

    @Test(arguments: [Role.writer, .auditor])
    func `refuses rotations by members who cannot open secrets`(role: Role) throws {
        let test = try TestVault()
        try test.custom("A")
        try test.replace("A", "new")
        try test.start("A", ["app-key": "newer"])
        let bo = try test.addMember("bo", role)
        let attempts: [(Action, () throws -> Void)] = [
            (.startRotation, { try test.start("A", ["app-key": "x"], as: bo) }),
            (.testRotation, { try test.recordTest("A", as: bo) }),
            (.finishRotation, { try test.finish("A", untested: true, as: bo) }),
            (.abortRotation, { _ = try test.vault.perform(AbortRotation(of: "A"), as: bo) }),
            (
                .rollBackSecret,
                { _ = try test.vault.perform(RollBack(["app-key"], of: "A", overlap: .days(1)), as: bo) }
            ),
            (
                .destroySecret,
                { _ = try test.vault.perform(DestroyVersion(1, of: "app-key", of: "A"), as: bo) }
            ),
        ]
        for (action, attempt) in attempts {
            #expect(failure(attempt) == .access(.forbidden(member: "bo", role: role, action: action)))
        }
        #expect(try test.labels("A") == ["1 previous", "2 current", "3 pending"])
    }
}
