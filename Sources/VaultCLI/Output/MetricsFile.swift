import CPlatform
import Libc
import VaultCore
import VaultLedger

/// The dates of every current secret, for node_exporter's textfile collector (Prometheus text format 0.0.4).
///
/// The file holds only names and dates. It is replaced atomically, and readable by all: the collector is another user.
struct MetricsFile {
    let text: String

    init(_ vault: Vault, now: Timestamp, due: Int) throws {
        let secrets = try vault.perform(ListCurrentSecrets())
        var text = ""
        func add(_ name: String, _ help: String, _ value: (AgedSecret) -> String?) {
            let samples = secrets.compactMap { secret in
                value(secret).map { "\(name){\(Self.labels(secret))} \($0)\n" }
            }
            guard !samples.isEmpty else { return }
            text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n" + samples.joined()
        }
        add("vault_secret_expiry_days", "Days until a secret expires; negative after that.") {
            $0.expiresAt.map { now.days(to: $0) }
        }
        add("vault_secret_rotation_days", "Days until a secret's rotation is due; negative after that.") {
            $0.rotateBy.map { now.days(to: $0) }
        }
        add("vault_secret_age_days", "Days since a secret was set.") { $0.setAt.days(to: now) }
        add("vault_secret_last_test_timestamp_seconds", "Time of a secret's last passed test.") {
            $0.testedAt.map { String($0.seconds) }
        }
        add("vault_secret_last_use_timestamp_seconds", "Time of a secret's last use.") {
            $0.usedAt.map { String($0.seconds) }
        }
        text += """
            # HELP vault_due_secrets Secrets listed by the last run of vault due.
            # TYPE vault_due_secrets gauge
            vault_due_secrets \(due)
            # HELP vault_due_run_timestamp_seconds Time of the last run of vault due.
            # TYPE vault_due_run_timestamp_seconds gauge
            vault_due_run_timestamp_seconds \(now.seconds)

            """
        self.text = text
    }

    private static func labels(_ secret: AgedSecret) -> String {
        let values = [
            ("connector", secret.connector), ("field", secret.field), ("kind", secret.kind.rawValue),
            ("owner", secret.owner),
        ]
        return values.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    /// Escapes control characters, so that a name stays on its line, and then the format's own characters.
    private static func escaped(_ text: String) -> String {
        SafeText.escaped(text).unicodeScalars.map { "\\\"".unicodeScalars.contains($0) ? "\\\($0)" : "\($0)" }
            .joined()
    }

    func write(to path: String) throws {
        let temporary = "\(path).\(getpid())"
        let descriptor = unsafe platform_open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        let error =
            platform_set_mode(descriptor, 0o644) != 0
            ? errno : unsafe Array(text.utf8).withUnsafeBytes { unsafe Descriptor.write($0, to: descriptor) }
        let isClosed = close(descriptor) == 0
        guard unsafe error == 0 && isClosed && platform_rename(temporary, path) == 0 else {
            let fault = failure(path)
            unsafe platform_unlink(temporary)
            throw fault
        }
    }

    private func failure(_ path: String) -> Failure {
        Failure(
            .unexpected, "can't write the metrics to \(path): \(Descriptor.reason(errno))",
            next: "name a file in a folder that you can write to")
    }
}

extension Timestamp {
    /// The days with two decimals, in integer arithmetic.
    fileprivate func days(to end: Timestamp) -> String {
        let hundredths = (end.seconds - seconds) / 864
        let (whole, part) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
        return "\(hundredths < 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
    }
}
