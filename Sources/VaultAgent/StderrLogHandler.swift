import Libc
import Logging

/// Logs to stderr: a line for each event, with its fields as `key="value"`.
///
/// Under systemd, a line starts with its priority (sd-daemon(3)), which the journal removes, and has no timestamp,
/// which the journal adds. Values are names, paths and this program's messages, never secrets; control characters are
/// escaped.
struct StderrLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let isJournal = unsafe getenv("JOURNAL_STREAM") != nil

    /// Makes a logger; a disabled one discards everything, for a background agent, which has no stderr.
    static func logger(isEnabled: Bool) -> Logger {
        Logger(label: "vault-agent") { _ in
            isEnabled ? StderrLogHandler() as any LogHandler : SwiftLogNoOpLogHandler()
        }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var text = isJournal ? "<\(Self.priorities[event.level, default: 7])>" : "vault-agent: "
        text += Self.escaped("\(event.message)")
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text += " \(key)=\"\(Self.escaped("\(value)"))\""
        }
        text += "\n"
        text.withUTF8 { bytes in _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    private static let priorities: [Logger.Level: Int] = [
        .critical: 2, .error: 3, .warning: 4, .notice: 5, .info: 6,
    ]

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format: "\\u{\(String(scalar.value, radix: 16))}"
            default: scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : String(scalar)
            }
        }.joined()
    }
}
