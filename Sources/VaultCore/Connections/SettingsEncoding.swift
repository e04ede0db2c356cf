import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

// The encodings of settings: JSON text in a row, JSON values in an entry, and a digest in a seal.

extension SettingValue {
    var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .list(let items): .array(items.map { .string($0) })
        }
    }

    init?(_ json: JSON) {
        switch json {
        case .string(let text): self = .text(text)
        case .array(let items):
            let texts = items.compactMap(\.string)
            guard texts.count == items.count else { return nil }
            self = .list(texts)
        default: return nil
        }
    }

    var digestValue: SettingsDigest.Value {
        switch self {
        case .text(let text): .text(text)
        case .list(let items): .list(items)
        }
    }
}

extension OwnerRow {
    static func text(of settings: Settings) -> String {
        JSON.object(JSON.Members(settings.map { ($0.key, $0.value.json) })).text
    }

    /// The settings of the row, or nil if the file was altered and they are malformed.
    var readSettings: Settings? { (try? JSON.parse(settings)).flatMap(Self.settings) }

    /// The settings in a JSON object, or nil if it is malformed or ambiguous.
    static func settings(_ json: JSON) -> Settings? {
        guard let pairs = json.object?.pairs else { return nil }
        var settings: Settings = [:]
        for pair in pairs {
            // A control character could make the encoding of a list equal to that of a text. Forms accept none but line
            // breaks and tabs.
            guard let value = SettingValue(pair.value), value.values.allSatisfy(isPlain), isPlain(pair.key)
            else {
                return nil
            }
            // A dictionary compares keys by Unicode equivalence; JSON compares their bytes.
            guard settings.updateValue(value, forKey: pair.key) == nil else { return nil }
        }
        return settings
    }

    /// The digest that the secrets of this row are sealed to, or nil for malformed settings.
    var settingsDigest: [UInt8]? {
        readSettings.flatMap(settingsDigest)
    }

    func settingsDigest(_ settings: Settings) -> [UInt8]? {
        guard settings["name"] == nil else { return nil }
        return SettingsDigest.of(
            connector: connector, name: name, settings: settings.map { ($0.key, $0.value.digestValue) })
    }

    /// The words that `list --search` finds this owner by.
    func words(_ settings: Settings, _ tags: [(key: String, value: String)]) -> String {
        words(settings.sorted { $0.key.precedesInBytes($1.key) }.flatMap(\.value.values), tags)
    }

    func words(_ values: [String], _ tags: [(key: String, value: String)]) -> String {
        ([name, connector, note] + values + tags.flatMap { [$0.key, $0.value] }).joined(separator: " ")
    }
}

private func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0a }
}

/// The digest of tags and note in an entry, or nil if there are none.
func annotationsDigest(note: String, tags: [(key: String, value: String)]) -> [UInt8]? {
    if note.isEmpty, tags.isEmpty { return nil }
    let pairs = tags.sorted { $0.key.precedesInBytes($1.key) }
    return Digest.blake2b256(
        PAE.encode(
            [.text("vault/annotations"), .text(note)] + pairs.flatMap { [.text($0.key), .text($0.value)] }))
}
