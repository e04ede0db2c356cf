import Foundation
import Testing

/// Prompts after a member has unlocked on a terminal.
@Suite(.serialized) struct UnlockingFormTests {
    private static let bo = ["VAULT_MEMBER": "bo", "VAULT_KEY_FILE": ""]

    @Test func `a first passphrase must be replaced before anything else`() async throws {
        let sandbox = try await Sandbox.withVault()
        let added = try await sandbox.vault(
            "member", "add", "bo", "--role", "admin", "--passphrase-from", "stdin", input: "chosen by ana")
        #expect(added.status == 0, "\(added.errorText)")
        let session = try Session(sandbox, "key", "rotate", environment: Self.bo)
        try await session.answer("Passphrase of bo: ", "chosen by ana")
        let told = try await session.answer("New passphrase of bo: ", "words of bo")
        #expect(told.contains("An admin chose this passphrase."))
        try await session.answer("New passphrase of bo, again: ", "words of bo")
        let end = try await session.end()
        #expect(end.status == 0 && end.text.hasPrefix("master key rotated"), "\(end.errorText)")
        #expect(!end.screen.contains("words of bo"))
        let old = try await sandbox.vault(
            "key", "rotate", "--passphrase-from", "stdin", input: "chosen by ana", environment: Self.bo)
        #expect(old.status == 12)
        let own = try await sandbox.vault(
            "key", "rotate", "--passphrase-from", "stdin", input: "words of bo", environment: Self.bo)
        #expect(own.status == 0, "\(own.errorText)")
    }

    @Test func `unlock also makes a member replace a first passphrase`() async throws {
        let sandbox = try await Sandbox.withVault()
        let added = try await sandbox.vault(
            "member", "add", "bo", "--role", "admin", "--passphrase-from", "stdin", input: "chosen by ana")
        #expect(added.status == 0, "\(added.errorText)")
        let unasked = try await sandbox.vault(
            "unlock", "--passphrase-from", "stdin", input: "chosen by ana", environment: Self.bo)
        #expect(unasked.status == 16)
        #expect(unasked.errorText.contains("vault: next: vault slot change passphrase --member bo"))
        let session = try Session(sandbox, "unlock", "--for", "5m", environment: Self.bo)
        try await session.answer("Passphrase of bo: ", "chosen by ana")
        try await session.answer("New passphrase of bo: ", "words of bo")
        try await session.answer("New passphrase of bo, again: ", "words of bo")
        let end = try await session.end()
        #expect(end.status == 0 && end.text.hasPrefix("unlocked as bo until "), "\(end.errorText)")
        let rotated = try await sandbox.vault("key", "rotate", environment: Self.bo)
        #expect(rotated.status == 0, "\(rotated.errorText)")
    }

    @Test func `a used recovery code can be replaced at once`() async throws {
        let sandbox = try Sandbox()
        try await sandbox.vault("init", "--member", "ana", "--recovery-to", "\(sandbox.folder)/code")
        let recover = ["key", "rotate", "--recovery-from", "file:\(sandbox.folder)/code"]
        let declined = try Session(sandbox, recover[0], recover[1], recover[2], recover[3])
        try await declined.answer("Replace it with a new one? (yes or no) [no]: ", "")
        let kept = try await declined.end()
        #expect(kept.status == 0 && kept.errorText.contains("vault slot change recovery"))

        let session = try Session(sandbox, recover[0], recover[1], recover[2], recover[3])
        try await session.answer("Replace it with a new one? (yes or no) [no]: ", "yes")
        let shown = try await session.answer("Enter the recovery code to confirm it: ", "not it")
        let code = try #require(shown.firstMatch(of: /[0-9A-Z]{4}(-[0-9A-Z]{4}){13}/)).output.0
        try await session.answer("Enter the recovery code to confirm it: ", String(code))
        let end = try await session.end()
        #expect(end.status == 0 && end.screen.contains("The recovery code is correct."), "\(end.errorText)")
        #expect(try await sandbox.program(recover).start().outcome().status == 12)
        let new = try await sandbox.vault(
            "key", "rotate", "--recovery-from", "stdin", input: String(code) + "\n")
        #expect(new.status == 0, "\(new.errorText)")
        let log = try await sandbox.vault("audit", "log", "--action", "slot.recover", "--json").text
        #expect(log.split(separator: "\n").count == 3)
    }
}
