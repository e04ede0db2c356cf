import Foundation
import Testing

// Changes of members and slots, killed at any moment.
extension CrashTests {
    /// Replaces a credential repeatedly; after each kill either the old or the new one unlocks.
    private func change(
        _ program: Victim, kills: Int = CrashTests.kills, from first: String,
        _ flag: (String) throws -> [String], _ command: (Int) throws -> (name: String, words: [String])
    ) throws {
        var current = first
        try each(program, kills: kills) {
            try command($0).words + flag(current)
        } after: { number, wasDone in
            let new = try command(number).name
            let check = ["audit", "verify", "--secrets"]
            let isNew = try program.run(check + flag(new)).status == 0
            let isOld = try program.run(check + flag(current)).status == 0
            #expect(isNew != isOld && (isNew || !wasDone), "kill \(number)")
            if isNew { current = new }
        }
    }

    // case 31
    @Test func `a killed change of a key file leaves the old or the new one`() throws {
        let program = try Victim()
        try program.initialize()
        for role in ["user", "writer", "auditor"] {
            try program.must(
                "member", "add", role, "--role", role, "--key-file", "\(program.folder)/\(role).key")
        }
        try change(program, from: program.folder + "/ana.key", { ["--key-file", $0] }) { number in
            let path = program.folder + "/key-\(number)"
            return (path, ["slot", "change", "key-file", "--path", path])
        }
    }

    // case 31
    @Test func `a killed change of a passphrase leaves the old or the new one`() throws {
        let program = try Victim()
        let first = try program.source("words-first")
        try program.must("init", "--no-recovery", "--passphrase-from", first)
        try change(program, kills: 8, from: first, { ["--passphrase-from", $0] }) { number in
            let source = try program.source("words-\(number)")
            return (source, ["slot", "change", "passphrase", "--from", source])
        }
    }

    // case 26
    @Test func `after a killed change of members, roles and grants agree`() throws {
        let program = try Victim()
        try program.initialize()
        for number in 0..<6 { _ = try program.run(try program.creation("A\(number)", "value-\(number)")) }
        try each(program) { number in
            switch number % 3 {
            case 0:
                ["member", "add", "m\(number)", "--role", "user", "--key-file", "\(program.folder)/bo.key"]
            case 1: ["member", "role", "m\(number - 1)", "writer"]
            default: ["member", "remove", "m\(number - 2)"]
            }
        } after: { number, _ in
            // Complete the change, so that the next command has something to do.
            switch number % 3 {
            case 0:
                _ = try program.run([
                    "member", "add", "m\(number)", "--role", "user", "--key-file", "\(program.folder)/bo.key",
                ])
            default: break
            }
            try program.must("audit", "verify", "--secrets")
            #expect(try program.holds("A\(number % 6)", "value-\(number % 6)"))
        }
        try program.must("key", "rotate")
        try program.must("audit", "verify", "--secrets")
    }
}
