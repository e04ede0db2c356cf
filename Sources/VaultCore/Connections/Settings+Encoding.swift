import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

// The encodings of settings: JSON in a row, a bundle and an entry, and the digest that secrets are sealed to.

extension Settings {
    /// The JSON object; its canonical text is that of the row.
    var json: JSON { .object(JSON.Members(map { ($0.key, $0.value.json) })) }

    /// Reads a JSON object; nil if it is malformed or ambiguous.
    init?(json: JSON) {
        guard let pairs = json.object?.pairs else { return nil }
        self.init()
        for pair in pairs {
            // A control character could make the encoding of a list equal to that of a text. Forms accept none but line
            // breaks and tabs.
            guard let value = SettingValue(pair.value), (value.values + [pair.key]).allSatisfy(isPlain) else {
                return nil
            }
            // A dictionary compares keys by Unicode equivalence; JSON compares their bytes.
            guard updateValue(value, forKey: pair.key) == nil else { return nil }
        }
    }

    /// The keys and values, as the digest encodes them.
    var pieces: [(key: String, value: PAE.Piece)] { map { ($0.key, $0.value.piece) } }

    func digest(connector: String, name: String) -> [UInt8] {
        SettingsDigest.of(connector: connector, name: name, settings: pieces)
    }

    /// The words of all values, as one text.
    var words: String {
        sorted { $0.key.precedesInBytes($1.key) }.flatMap(\.value.values).joined(separator: " ")
    }

    /// Each setting that differs, in byte order of the keys.
    func changes(from old: Settings) -> [Change.Setting] {
        Set(old.keys).union(keys).filter { old[$0] != self[$0] }
            .sorted { $0.precedesInBytes($1) }
            .map { Change.Setting(key: $0, old: old[$0]?.json, new: self[$0]?.json) }
    }
}

extension SettingValue {
    fileprivate var json: JSON {
        switch self {
        case .text(let text): .string(text)
        case .list(let items): .array(items.map { .string($0) })
        }
    }

    fileprivate init?(_ json: JSON) {
        switch json {
        case .string(let text): self = .text(text)
        case .array(let items):
            let texts = items.compactMap(\.string)
            guard texts.count == items.count else { return nil }
            self = .list(texts)
        default: return nil
        }
    }

    fileprivate var piece: PAE.Piece {
        switch self {
        case .text(let text): .text(text)
        case .list(let items): .list(items.map { .text($0) })
        }
    }
}

private func isPlain(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0a }
}

extension OwnerRow {
    /// The settings of the row, or nil if the file was altered and they are malformed.
    var readSettings: Settings? { (try? JSON.parse(settings)).flatMap { Settings(json: $0) } }

    /// The digest that the secrets of this row are sealed to, or nil for malformed settings.
    var settingsDigest: [UInt8]? {
        guard let settings = readSettings, settings["name"] == nil else { return nil }
        return settings.digest(connector: connector, name: name)
    }

    /// The words that `list --search` finds this owner by.
    func words(_ tags: [(key: String, value: String)]) -> String {
        words(readSettings?.words ?? "", tags)
    }

    func words(_ settings: String, _ tags: [(key: String, value: String)]) -> String {
        ([name, connector, note, settings] + tags.flatMap { [$0.key, $0.value] }).joined(separator: " ")
    }
}

/// The digest of tags and note in an entry, or nil if there are none.
func annotationsDigest(note: String, tags: [(key: String, value: String)]) -> [UInt8]? {
    if note.isEmpty, tags.isEmpty { return nil }
    let pairs = tags.sorted { $0.key.precedesInBytes($1.key) }
    return Digest.blake2b256(
        PAE.encode(
            [.text("vault/annotations"), .text(note)] + pairs.flatMap { [.text($0.key), .text($0.value)] }))
}
