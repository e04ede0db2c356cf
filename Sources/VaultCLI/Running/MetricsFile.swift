import CPlatform
import VaultCore
import VaultLedger

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The dates of every current secret as a text file of Prometheus' exposition format 0.0.4, which node_exporter's
/// textfile collector reads.
///
/// Names and dates only. The file is put in the place of the one before in one step, and everybody may read it: the
/// collector is somebody else.
struct MetricsFile {
    private static let families: [(name: String, help: String)] = [
        ("vault_secret_expiry_days", "Days until a secret expires; below zero once it has."),
        (
            "vault_secret_rotation_days",
            "Days until a secret is to be rotated; below zero once it should have been."
        ),
        ("vault_secret_age_days", "Days since a secret was set."),
        ("vault_secret_last_test_timestamp_seconds", "When a secret last passed a test."),
        ("vault_secret_last_use_timestamp_seconds", "When a secret was last used."),
    ]

    private var samples: [[String]]
    private let now: Timestamp
    private let due: Int

    init(_ vault: Vault, _ now: Timestamp, due: Int) throws(Failure) {
        self.now = now
        self.due = due
        var samples = [[String]](repeating: [], count: Self.families.count)
        do throws(VaultError) {
            try vault.forEachCurrentSecret { secret in
                for (family, value) in Self.values(of: secret, now).enumerated() {
                    guard let value else { continue }
                    samples[family].append("\(Self.families[family].name){\(Self.labels(secret))} \(value)\n")
                }
            }
        } catch {
            throw Failure(error)
        }
        self.samples = samples
    }

    /// In the order of the families; nil where there is none.
    private static func values(of secret: AgedSecret, _ now: Timestamp) -> [String?] {
        [
            secret.expiresAt.map { days(from: now, to: $0) }, secret.rotateBy.map { days(from: now, to: $0) },
            days(from: secret.setAt, to: now), secret.testedAt.map { String($0.seconds) },
            secret.usedAt.map { String($0.seconds) },
        ]
    }

    /// With two decimals, and without a floating point number's surprises.
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

    /// What steers a terminal is escaped first, so that a name stays on its line; then the format's own characters.
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
            # HELP vault_due_secrets Secrets that vault due has named.
            # TYPE vault_due_secrets gauge
            vault_due_secrets \(due)
            # HELP vault_due_run_timestamp_seconds When vault due has run.
            # TYPE vault_due_run_timestamp_seconds gauge
            vault_due_run_timestamp_seconds \(now.seconds)

            """
        return text
    }

    func write(to path: String, _ context: Context) throws(Failure) {
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
            .unexpected, "the metrics cannot be written to \(path): \(Descriptor.reason(errno))",
            next: "name a file in a folder that you may write to")
    }
}
