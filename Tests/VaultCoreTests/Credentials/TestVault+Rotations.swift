// Rotations of credentials. These tests send no requests: the outcome of a connection test is passed in.

import TestSupport
import Testing
import VaultLedger
import VaultRegistry

@testable import VaultCore

extension TestVault {
    @discardableResult
    func start(
        _ owner: String, _ secrets: [String: String], replaces: Bool = false, expires: Timestamp? = nil,
        as other: Session? = nil
    ) throws -> RotationStep {
        let draft = RotationDraft(
            of: owner, secrets: secrets.mapValues { secret($0) }, expires: expires, replaces: replaces)
        return try vault.perform(StartRotation(draft), as: other ?? session)
    }

    /// Records a test of the pending versions, which passes unless a failure is given.
    @discardableResult
    func recordTest(_ owner: String, failure: String? = nil, as other: Session? = nil) throws -> RotationStep
    {
        let pending =
            try vault.perform(ListRotations(of: owner)).first { $0.stage != .overlap }?.versions ?? []
        let trial = RecordRotationTest.Trial(connection: owner, failure: failure)
        let test = RecordRotationTest(of: owner, versions: pending, tried: [trial])
        return try vault.perform(test, as: other ?? session)
    }

    @discardableResult
    func finish(
        _ owner: String, overlap: Period? = .days(1), untested: Bool = false, as other: Session? = nil
    ) throws -> RotationStep {
        try vault.perform(
            FinishRotation(of: owner, overlap: overlap, untested: untested), as: other ?? session)
    }

    func rollBack(_ owner: String, _ field: String = "app-key") throws {
        _ = try vault.perform(RollBack([field], of: owner, overlap: .days(1)), as: session)
    }

    func labels(_ owner: String, _ field: String = "app-key") throws -> [String] {
        try vault.perform(ShowOwner(nil, owner)).secrets.filter { $0.field == field }.map {
            "\($0.version) \($0.label)"
        }
    }

    /// Moves the clock.
    func advance(hours: Int64) { scene.now = Timestamp(seconds: scene.now.seconds + hours * 3600) }

    /// Performs a complete rotation with a passed test.
    func replace(_ owner: String, _ value: String) throws {
        try start(owner, ["app-key": value])
        try recordTest(owner)
        try finish(owner)
    }
}

/// The rotation fault of an operation that should fail; nil when it succeeds or fails otherwise.
func rotationFault<T>(_ body: () throws -> T) -> RotationFault? {
    if case .rotation(let fault)? = failure(body) { fault } else { nil }
}
