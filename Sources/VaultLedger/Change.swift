import VaultCrypto
import VaultText

/// What an entry changed: settings with their old and new values, the owner's state afterwards, and what else the
/// action has to tell.
public struct Change: Sendable, Equatable {
    public var settings: [Setting]
    public var state: OwnerState?
    /// Whatever else this action says, by its own keys (never `settings` or `state`).
    public var details: JSON.Members

    public init(settings: [Setting] = [], state: OwnerState? = nil, details: JSON.Members = [:]) {
        self.settings = settings
        self.state = state
        self.details = details
    }

    /// One setting's old and new value: a string, an array of strings, or nil where it was or is not set.
    public struct Setting: Sendable, Equatable {
        public let key: String
        public let old: JSON?
        public let new: JSON?

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

    /// Settings as `{"domain":{"new":…,"old":…}}`; the caller gives them in byte order of their keys.
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

    init?(_ json: JSON) {
        guard case .object(var members) = json else { return nil }
        var settings: [Setting] = []
        if let changed = members["settings"] {
            guard let pairs = changed.object?.pairs else { return nil }
            for pair in pairs {
                guard pair.value.object != nil else { return nil }
                settings.append(Setting(key: pair.key, old: pair.value["old"], new: pair.value["new"]))
            }
        }
        var state: OwnerState?
        if let after = members["state"] {
            guard let read = OwnerState(after) else { return nil }
            state = read
        }
        members["settings"] = nil
        members["state"] = nil
        self.init(settings: settings, state: state, details: members)
    }
}
