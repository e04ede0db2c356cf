import VaultText

/// The complete state of a connection or client after an entry.
///
/// The rows of an owner are checked against the newest entry with a state alone.
public struct OwnerState: Sendable, Equatable {
    /// The digest of the settings, which the secrets are sealed to: 32 bytes.
    public var settingsDigest: [UInt8]
    /// The digest of tags and note, 32 bytes; `nil` if there are none.
    public var annotations: [UInt8]?
    /// The secret versions, by field in byte order, then by version.
    public var secrets: [Secret]

    /// Creates a state. `secrets` must be in order.
    public init(settingsDigest: [UInt8], annotations: [UInt8]?, secrets: [Secret]) {
        self.settingsDigest = settingsDigest
        self.annotations = annotations
        self.secrets = secrets
    }

    /// A version of a secret.
    public struct Secret: Sendable, Equatable {
        /// The field of the form, such as `app-key`.
        public let field: String
        /// The number of the version, from 1.
        public let version: UInt64
        /// The stage of the version's life.
        public var label: SecretLabel
        /// The epoch of the master key that it is sealed under; `nil` in entries of programs before schema version 6.
        public var epoch: UInt64?
        /// The SHA-256 of a seal; `nil` for a deposit, and in entries of programs before schema version 6.
        public var sealed: [UInt8]?
        /// The SHA-256 of a deposit; `nil` for a seal.
        public var deposit: [UInt8]?
        /// When a previous version is destroyed; `nil` for other labels.
        public var keepUntil: Timestamp?
        /// When the next version is due by the rotation period; `nil` without a period.
        public var rotateBy: Timestamp?
        /// The rotation period, such as `90d`, or `never`; `nil` if the connector's period applies.
        public var rotateEvery: String?
        /// When the version passed the test of its rotation.
        public var testedAt: Timestamp?

        /// Creates a version of a secret.
        public init(
            field: String, version: UInt64, label: SecretLabel, epoch: UInt64? = nil,
            sealed: [UInt8]? = nil, deposit: [UInt8]? = nil,
            keepUntil: Timestamp? = nil, rotateBy: Timestamp? = nil, rotateEvery: String? = nil,
            testedAt: Timestamp? = nil
        ) {
            self.field = field
            self.version = version
            self.label = label
            self.epoch = epoch
            self.sealed = sealed
            self.deposit = deposit
            self.keepUntil = keepUntil
            self.rotateBy = rotateBy
            self.rotateEvery = rotateEvery
            self.testedAt = testedAt
        }
    }
}

/// The stage of a secret version's life.
public enum SecretLabel: String, Sendable, CaseIterable, Codable {
    case pending, current, previous
}

extension OwnerState {
    /// The version of a field with this label, of which there is at most one.
    public func secret(_ field: String, _ label: SecretLabel) -> Secret? {
        secrets.first { $0.field == field && $0.label == label }
    }

    /// The versions of all fields with this label.
    public func secrets(_ label: SecretLabel) -> [Secret] { secrets.filter { $0.label == label } }

    /// Inserts a version in order. Replaces one with the same field and number.
    public mutating func put(_ secret: Secret) {
        remove(secret.field, secret.version)
        let place = secrets.firstIndex { other in
            secret.field == other.field
                ? secret.version < other.version : secret.field.precedesInBytes(other.field)
        }
        secrets.insert(secret, at: place ?? secrets.endIndex)
    }

    /// Removes a version, if present.
    public mutating func remove(_ field: String, _ version: UInt64) {
        secrets.removeAll { $0.field == field && $0.version == version }
    }
}

extension OwnerState {
    /// Appends the canonical text of the state.
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("secrets")
        writer.beginArray()
        for secret in secrets { secret.write(to: &writer) }
        writer.endArray()
        writer.member("settings_digest", hex: settingsDigest)
        if let annotations { writer.member("tags_digest", hex: annotations) }
        writer.endObject()
    }

    /// Decodes the state of an entry that the grammar accepts.
    init?(_ json: JSON) {
        guard let digest = json["settings_digest"]?.bytes(32), let secrets = json["secrets"]?.all(Secret.init)
        else { return nil }
        self.init(
            settingsDigest: digest, annotations: json["tags_digest"]?.bytes(32), secrets: secrets)
    }
}

extension OwnerState.Secret {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let deposit { writer.member("deposit", hex: deposit) }
        if let epoch {
            writer.key("epoch")
            writer.integer(Int64(epoch))
        }
        writer.member("field", field)
        if let keepUntil { writer.member("keep_until", keepUntil.text) }
        writer.member("label", label.rawValue)
        if let rotateBy { writer.member("rotate_by", rotateBy.text) }
        if let rotateEvery { writer.member("rotate_every", rotateEvery) }
        if let sealed { writer.member("sealed", hex: sealed) }
        if let testedAt { writer.member("tested_at", testedAt.text) }
        writer.key("version")
        writer.integer(Int64(version))
        writer.endObject()
    }

    fileprivate init?(_ json: JSON) {
        guard let field = json["field"]?.string, let version = json["version"]?.integer,
            let label = json["label"]?.string.flatMap(SecretLabel.init(rawValue:))
        else { return nil }
        self.init(
            field: field, version: UInt64(clamping: version), label: label,
            epoch: json["epoch"]?.integer.map(UInt64.init(clamping:)), sealed: json["sealed"]?.bytes(32),
            deposit: json["deposit"]?.bytes(32), keepUntil: json["keep_until"]?.timestamp,
            rotateBy: json["rotate_by"]?.timestamp, rotateEvery: json["rotate_every"]?.string,
            testedAt: json["tested_at"]?.timestamp)
    }
}
