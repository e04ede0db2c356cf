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
        var text = isJournal ? "<\(Self.priority(event.level))>" : "vault-agent: "
        text += Self.escaped("\(event.message)")
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text += " \(key)=\"\(Self.escaped("\(value)"))\""
        }
        text += "\n"
        text.withUTF8 { bytes in _ = unsafe write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": out += "\\\(scalar)"
            case _
            where scalar.value < 0x20 || scalar.properties.generalCategory == .control
                || scalar.properties.generalCategory == .format:
                out += "\\u{\(String(scalar.value, radix: 16))}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
