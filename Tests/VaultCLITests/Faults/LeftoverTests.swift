import Foundation
import Testing

/// Leftovers of killed commands (case 91).
struct LeftoverTests {
    @Test func `using a key file removes leftovers of its creation (case 91)`() async throws {
        let sandbox = try await Sandbox.withVault()
        try FileManager.default.linkItem(
            atPath: "\(sandbox.folder)/ana.key", toPath: "\(sandbox.folder)/ana.key.4711.new")
        try sandbox.write("half", to: "ana.key.part")
        let status = try await sandbox.vault("slot", "add", "key-file", "--path", "\(sandbox.folder)/two.key")
        #expect(status.status == 0, "\(status.errorText)")
        #expect(!sandbox.exists("ana.key.4711.new") && !sandbox.exists("ana.key.part"))
        #expect(sandbox.exists("ana.key"))
    }

    @Test func `doctor lists leftovers of killed commands with a command that removes them (case 91)`()
        async throws
    {
        let sandbox = try await Sandbox.withVault()
        try sandbox.write("half", to: "v/out.db.part")
        let doctor = try await sandbox.vault("doctor")
        #expect(doctor.status == 3)
        let next = doctor.text.split(separator: "\n").first { $0.contains("rm '") }
        let step = try #require(next?.split(separator: ": ").last.map(String.init))
        #expect(try await sandbox.shell(step).status == 0)
        #expect(try await sandbox.vault("doctor").text.contains("out.db.part") == false)
    }

    @Test func `a backup overwrites the leftovers of a killed one (case 91)`() async throws {
        let sandbox = try await Sandbox.withVault()
        try sandbox.write("half a copy", to: "out.db.part")
        try sandbox.write("half a journal", to: "out.db.part-journal")
        let made = try await sandbox.vault("backup", "create", "\(sandbox.folder)/out.db")
        #expect(made.status == 0, "\(made.errorText)")
        #expect(!sandbox.exists("out.db.part") && !sandbox.exists("out.db.part-journal"))
        #expect(try await sandbox.vault("backup", "verify", "\(sandbox.folder)/out.db").status == 0)
    }

    @Test func `other files in the folder are kept`() async throws {
        let sandbox = try await Sandbox.withVault()
        try sandbox.write("mine", to: "other.part")
        try sandbox.write("mine", to: "ana.key.old.new")
        try sandbox.write("half", to: "ana.key.part")
        try await sandbox.vault("slot", "add", "key-file", "--path", "\(sandbox.folder)/two.key")
        #expect(sandbox.exists("other.part") && sandbox.exists("ana.key.old.new"))
        #expect(!sandbox.exists("ana.key.part"))
    }
}
