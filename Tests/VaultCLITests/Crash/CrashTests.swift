import Foundation
import Libc
import TestSupport
import Testing

/// Commands killed with SIGKILL at any moment.
@Suite(.serialized, .dedicatedThread, .enabled(if: Victim.isBuilt))
struct CrashTests {
    /// How often each command is killed, or `VAULT_KILLS`.
    static let kills = ProcessInfo.processInfo.environment["VAULT_KILLS"].flatMap(Int.init) ?? 50

    /// Times a command, and then kills it at moments spread evenly over that time.
    func each(
        _ program: Victim, kills: Int = CrashTests.kills, _ command: (Int) throws -> [String],
        after: (Int, _ wasDone: Bool) throws -> Void
    ) throws {
        let start = ContinuousClock.now
        let first = try program.run(try command(0))
        guard first.status == 0 else { throw Victim.Failed(what: first.error) }
        let whole = Double((ContinuousClock.now - start) / .microseconds(1))
        try after(0, true)
        var killed = 0
        for number in 1...kills {
            let moment = UInt32(whole * Double(number) / Double(kills))
            let outcome = try program.run(try command(number), killedAfter: moment)
            if outcome.wasKilled { killed += 1 }
            #expect(outcome.wasKilled || outcome.status == 0, "\(outcome.error)")
            try after(number, !outcome.wasKilled)
        }
        #expect(killed > 0, "no command was still running when it was killed")
    }

    // case 26
    @Test func `a killed init leaves a vault, or none`() throws {
        for number in 0..<Self.kills {
            let program = try Victim()
            let outcome = try program.run(["init", "--no-recovery"], killedAfter: UInt32(number) * 1200)
            let again = try program.run(["init", "--no-recovery"])
            // 15: it was created before the kill.
            #expect(again.status == 0 || again.status == 15, "kill \(number): \(again.error)")
            #expect(outcome.wasKilled || again.status == 15)
            try program.must("audit", "verify", "--secrets")
            try program.must(try program.creation("A", "value")[0], "list")
        }
    }

    // case 26
    @Test func `a killed create, edit or secret set leaves the complete old or new state`() throws {
        let program = try Victim()
        try program.initialize()
        try program.must("connection", "list")
        _ = try program.run(try program.creation("A", "value-0"))
        var names = ["A"]
        try each(program) {
            try program.creation("N\($0)", "key-\($0)")
        } after: { number, wasDone in
            let found = try program.names()
            if wasDone || found.contains("N\(number)") {
                names.append("N\(number)")
                #expect(try program.holds("N\(number)", "key-\(number)"))
            }
            #expect(found.sorted() == names.sorted())
            try program.must("audit", "verify", "--secrets")
        }
        var value = "value-0"
        try each(program) {
            ["secret", "set", "A", "app-key", "--from", try program.source("set-\($0)")]
        } after: { number, wasDone in
            let isNew = try program.holds("A", "set-\(number)")
            #expect(try isNew || (!wasDone && program.holds("A", value)))
            if isNew { value = "set-\(number)" }
            try program.must("audit", "verify", "--secrets")
        }
        try each(program) {
            [
                "connection", "edit", "A", "--set", "domain=d\($0).us-1.celonis.cloud", "--secret",
                "app-key=" + (try program.source("edit-\($0)")), "--no-input",
            ]
        } after: { number, wasDone in
            let isNew = try program.holds("A", "edit-\(number)")
            #expect(try isNew || (!wasDone && program.holds("A", value)))
            if isNew { value = "edit-\(number)" }
            let shown = try program.must("connection", "show", "A", "--json")
            #expect(!isNew || shown.contains("d\(number).us-1.celonis.cloud"))
            try program.must("audit", "verify", "--secrets")
        }
    }

    // case 26
    @Test func `a killed rotation resumes and loses nothing`() throws {
        let program = try Victim()
        try program.initialize()
        for number in 0..<12 { _ = try program.run(try program.creation("A\(number)", "value-\(number)")) }
        try each(program) { _ in
            ["key", "rotate"]
        } after: { number, _ in
            try program.must("audit", "verify", "--secrets")
            #expect(try program.holds("A\(number % 12)", "value-\(number % 12)"))
        }
        try program.must("key", "rotate")
        try program.must("audit", "verify", "--secrets")
        for number in 0..<12 { #expect(try program.holds("A\(number)", "value-\(number)")) }
    }

    // case 26
    @Test func `a killed restore leaves the complete old vault or the backup`() throws {
        let program = try Victim()
        try program.initialize()
        _ = try program.run(try program.creation("A", "value"))
        // Each backup is newer than the one before, so that none goes back in time.
        let backups = try (0...Self.kills).map { number in
            let path = "\(program.folder)/\(number).backup"
            try program.must("connection", "annotate", "A", "--note", "at \(number).")
            try program.must("backup", "create", path)
            return path
        }
        // Another user, without anchors.
        let place = ["--vault", program.folder + "/w/vault.db"]
        program.forgetAnchors()
        var now = 0
        try each(program) {
            ["backup", "restore", backups[$0], "--replace"] + place
        } after: { number, wasDone in
            let shown = try program.run(["connection", "show", "A"] + place)
            if shown.text.contains("at \(number).") {
                now = number
            } else {
                #expect(!wasDone && shown.text.contains("at \(now)."), "\(shown.error)")
            }
            let verified = try program.run(["audit", "verify", "--secrets"] + place)
            #expect(verified.status == 0, "\(verified.error)")
        }
    }

    // case 26
    @Test func `a killed backup leaves none, or a valid one`() throws {
        let program = try Victim()
        try program.initialize()
        for number in 0..<5 { _ = try program.run(try program.creation("A\(number)", "value-\(number)")) }
        try each(program) {
            ["backup", "create", "\(program.folder)/\($0).backup"]
        } after: { number, wasDone in
            let path = "\(program.folder)/\(number).backup"
            let isThere = FileManager.default.fileExists(atPath: path)
            #expect(isThere || !wasDone)
            if isThere { try program.must("backup", "verify", path) }
            // The leftovers of a killed one do not prevent the next.
            if !isThere { try program.must("backup", "create", path) }
        }
    }

    // case 26
    @Test func `a killed import leaves the whole bundle, or nothing`() throws {
        let program = try Victim()
        try program.initialize()
        for number in 0..<20 { _ = try program.run(try program.creation("A\(number)", "value-\(number)")) }
        let members = try program.must("member", "list", "--json")
        let key = try #require(members.split(separator: "\"receive_key\":\"").last?.prefix(64))
        let bundle = program.folder + "/bundle"
        try program.must("export", "bundle", "--to", String(key)).write(
            toFile: bundle, atomically: true, encoding: .utf8)
        for number in 0..<20 { try program.must("connection", "remove", "A\(number)") }
        try each(program) { _ in
            ["import", "vault", bundle]
        } after: { number, wasDone in
            let names = try program.names()
            #expect(names.count == 20 || (!wasDone && names.isEmpty))
            try program.must("audit", "verify", "--secrets")
            if !names.isEmpty { #expect(try program.holds("A7", "value-7")) }
            for name in names { try program.must("connection", "remove", name) }
        }
    }
}
