// The folder's rule: a credential's life from start to destruction, by members at their own commands. No request is
// made here: a test's outcome is given, as whoever makes the request gives it.

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
        return try vault.startRotation(draft, as: other ?? session)
    }

    /// Tells how the test of what is pending ended.
    @discardableResult
    func tell(_ owner: String, failure: String? = nil, as other: Session? = nil) throws -> RotationStep {
        let pending = try vault.rotations(of: owner).first { $0.stage != .overlap }?.versions ?? []
        let trial = RotationTest.Trial(connection: owner, failure: failure)
        let test = RotationTest(of: owner, versions: pending, tried: [trial])
        return try vault.recordRotationTest(test, as: other ?? session)
    }

    @discardableResult
    func finish(
        _ owner: String, overlap: Period? = .days(1), untested: Bool = false, as other: Session? = nil
    ) throws -> RotationStep {
        try vault.finishRotation(of: owner, overlap: overlap, untested: untested, as: other ?? session)
    }

    func rollBack(_ owner: String, _ field: String = "app-key") throws {
        _ = try vault.rollBack([field], of: owner, overlap: .days(1), as: session)
    }

    func labels(_ owner: String, _ field: String = "app-key") throws -> [String] {
        try vault.secrets(of: owner).secrets.filter { $0.field == field }.map {
            "\($0.version) \($0.label)"
        }
    }

    func pass(_ hours: Int64) { scene.now = Timestamp(seconds: scene.now.seconds + hours * 3600) }

    /// The whole of a rotation, with its test passed.
    func replace(_ owner: String, _ value: String) throws {
        try start(owner, ["app-key": value])
        try tell(owner)
        try finish(owner)
    }
}

func rotationFault<T>(_ body: () throws -> T) -> RotationFault? {
    if case .rotation(let fault)? = failure(body) { fault } else { nil }
}
