import CPlatform
import Libc
import VaultCore
import VaultLedger

/// The dates of every current secret, for node_exporter's textfile collector (Prometheus text format 0.0.4).
///
/// The file holds only names and dates. It is replaced atomically, and readable by all: the collector is another user.
struct MetricsFile {
    private static let families: [(name: String, help: String)] = [
        ("vault_secret_expiry_days", "Days until a secret expires; negative after that."),
        (
            "vault_secret_rotation_days",
            "Days until a secret's rotation is due; negative after that."
        ),
        ("vault_secret_age_days", "Days since a secret was set."),
        ("vault_secret_last_test_timestamp_seconds", "Time of a secret's last passed test."),
        ("vault_secret_last_use_timestamp_seconds", "Time of a secret's last use."),
    ]

    private var samples: [[String]]
    private let now: Timestamp
    private let due: Int

    init(_ vault: Vault, _ context: Context, due: Int) throws {
        let now = context.now
        self.now = now
        self.due = due
        var samples = [[String]](repeating: [], count: Self.families.count)
        try ListCurrentSecrets().forEach(in: vault) { secret in
            for (family, value) in Self.values(of: secret, now).enumerated() {
                guard let value else { continue }
                samples[family].append("\(Self.families[family].name){\(Self.labels(secret))} \(value)\n")
            }
        }
        self.samples = samples
    }

    /// The samples in the order of the families; nil for a missing date.
    private static func values(of secret: AgedSecret, _ now: Timestamp) -> [String?] {
        [
            secret.expiresAt.map { days(from: now, to: $0) }, secret.rotateBy.map { days(from: now, to: $0) },
            days(from: secret.setAt, to: now), secret.testedAt.map { String($0.seconds) },
            secret.usedAt.map { String($0.seconds) },
        ]
    }

    /// The days with two decimals, in integer arithmetic.
    private static func days(from start: Timestamp, to end: Timestamp) -> String {
        let hundredths = (end.seconds - start.seconds) / 864
        let (whole, part) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
        return "\(hundredths < 0 ? "-" : "")\(whole).\(part < 10 ? "0" : "")\(part)"
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
        var safe = ""
        for character in SafeText.escaped(text).unicodeScalars {
            if character == "\\" || character == "\"" { safe += "\\" }
            safe.unicodeScalars.append(character)
        }
        return safe
    }

    var text: String {
        var text = ""
        for (family, lines) in zip(Self.families, samples) where !lines.isEmpty {
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) gauge\n" + lines.joined()
        }
        text += """
            # HELP vault_due_secrets Secrets listed by the last run of vault due.
            # TYPE vault_due_secrets gauge
            vault_due_secrets \(due)
            # HELP vault_due_run_timestamp_seconds Time of the last run of vault due.
            # TYPE vault_due_run_timestamp_seconds gauge
            vault_due_run_timestamp_seconds \(now.seconds)

            """
        return text
    }

    func write(to path: String, _ context: Context) throws {
        let temporary = "\(path).\(getpid())"
        let descriptor = unsafe platform_open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        var failed = platform_set_mode(descriptor, 0o644) != 0
        if !failed {
            failed = unsafe Array(text.utf8).withUnsafeBytes { bytes in
                unsafe platform_write_all(descriptor, bytes.baseAddress, bytes.count) != 0
            }
        }
        failed = close(descriptor) != 0 || failed
        if !failed { failed = unsafe platform_rename(temporary, path) != 0 }
        if failed {
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
