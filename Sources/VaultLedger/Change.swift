import VaultCrypto
import VaultText

/// The change that an entry records: settings with their old and new values, the owner's state after the change, and
/// the details of the action.
public struct Change: Sendable, Equatable {
    /// The settings that differ, in byte order of their keys.
    public var settings: [Setting]
    /// The state of the connection or client after the change; `nil` for an action that doesn't record one.
    public var state: OwnerState?
    /// All other keys of the change. Never `settings` or `state`.
    public var details: JSON.Members

    /// Creates a change. `settings` must be in byte order of their keys.
    public init(settings: [Setting] = [], state: OwnerState? = nil, details: JSON.Members = [:]) {
        self.settings = settings
        self.state = state
        self.details = details
    }

    /// The old and new value of a setting: a string, an array of strings, or `nil` if it was or is not set.
    public struct Setting: Sendable, Equatable {
        /// The key of the setting.
        public let key: String
        /// The value before the change.
        public let old: JSON?
        /// The value after the change.
        public let new: JSON?

        /// Creates a setting that differs.
        public init(key: String, old: JSON?, new: JSON?) {
            self.key = key
            self.old = old
            self.new = new
        }
    }

    func write(to writer: inout JSONWriter) {
        var rest = details.pairs[...]
        writer.beginObject()
        writeDetails(of: &rest, before: "settings", to: &writer)
        if !settings.isEmpty {
            writer.key("settings")
            writeSettings(to: &writer)
        }
        writeDetails(of: &rest, before: "state", to: &writer)
        if let state {
            writer.key("state")
            state.write(to: &writer)
        }
        writeDetails(of: &rest, before: nil, to: &writer)
        writer.endObject()
    }

    private func writeDetails(
        of rest: inout ArraySlice<JSON.Members.Pair>, before key: String?, to writer: inout JSONWriter
    ) {
        while let pair = rest.first, key.map({ pair.key.precedesInBytes($0) }) ?? true {
            writer.key(pair.key)
            writer.value(pair.value)
            rest.removeFirst()
        }
    }

    private func writeSettings(to writer: inout JSONWriter) {
        writer.beginObject()
        for setting in settings {
            writer.key(setting.key)
            writer.beginObject()
            if let new = setting.new {
                writer.key("new")
                writer.value(new)
            }
            if let old = setting.old {
                writer.key("old")
                writer.value(old)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    /// Decodes the `change` of an entry that the grammar accepts.
    init?(_ json: JSON) {
        guard case .object(var details) = json else { return nil }
        let settings = (details["settings"]?.object?.pairs ?? []).map {
            Setting(key: $0.key, old: $0.value["old"], new: $0.value["new"])
        }
        let state = details["state"].flatMap(OwnerState.init)
        details["settings"] = nil
        details["state"] = nil
        self.init(settings: settings, state: state, details: details)
    }
}
