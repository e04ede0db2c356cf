import Foundation
import TestSupport
import Testing

/// Backups while the same user changes the vault.
@Suite(.dedicatedThread)
struct BackupLoopTests {
    // Before the fix, most commands exited with 13 and advised accepting the vault.
    @Test func `a backup during writes is consistent and raises no alarm (case 89)`() async throws {
        let sandbox = try await Sandbox.withVault()
        let outcome = try await sandbox.shell(
            """
            printf 'a-value' | vault connection create celonis --name C --set api-type=intelligence \
                --set domain=team.us-1.celonis.cloud --set auth-type=custom --secret app-key=stdin >/dev/null
            for loop in 1 2; do
                (i=0; while [ ! -e stop ]; do i=$((i + 1)); vault connection annotate C --note "$loop $i" >/dev/null || echo "annotate: $?"; done) &
            done
            for i in 1 2 3 4 5 6 7 8; do
                vault backup create copy$i.db >/dev/null || echo "backup: $?"
                vault backup verify copy$i.db >/dev/null 2>&1 || echo "verify: $?"
            done
            touch stop; wait
            """)
        #expect(outcome.text.isEmpty && outcome.errorText.isEmpty, "\(outcome.text)\(outcome.errorText)")
    }
}
