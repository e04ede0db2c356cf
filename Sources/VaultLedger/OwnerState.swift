import VaultText

/// All that the ledger says of a connection or client as of one entry, so that the newest such entry alone tells
/// whether its rows are the right ones.
///
/// `settingsDigest` is the digest that the secrets are sealed to. `annotations` is the digest of tags and note, nil
/// when there are none. The secrets stand in the order of field and version.
public struct OwnerState: Sendable, Equatable {
    public var settingsDigest: [UInt8]
    public var annotations: [UInt8]?
    public var secrets: [Secret]

    public init(settingsDigest: [UInt8], annotations: [UInt8]?, secrets: [Secret]) {
        self.settingsDigest = settingsDigest
        self.annotations = annotations
        self.secrets = secrets
    }

    /// A secret by field, version and label, and what its sealed bytes are.
    ///
    /// `epoch` is that of the master key it is sealed under. `sealed` is the SHA-256 of a seal, `deposit` that of a deposit;
    /// entries of older programs have neither `epoch` nor `sealed`.
    ///
    /// The times stand there only where they mean something: `keepUntil` when a previous version's overlap ends,
    /// `rotateBy` when a period asks for the next one, `testedAt` when a version passed the test of its rotation.
    /// `rotateEvery` is a period, or `never`, where it is not the connector's.
    public struct Secret: Sendable, Equatable {
        public let field: String
        public let version: UInt64
        public var label: SecretLabel
        public var epoch: UInt64?
        public var sealed: [UInt8]?
        public var deposit: [UInt8]?
        public var keepUntil: Timestamp?
        public var rotateBy: Timestamp?
        public var rotateEvery: String?
        public var testedAt: Timestamp?

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

/// Where a version of a secret stands in its life.
public enum SecretLabel: String, Sendable, CaseIterable, Codable {
    case pending, current, previous
}

// Of one field at most one version has each label; nothing here looks at more than the labels.
extension OwnerState {
    public func secret(_ field: String, _ label: SecretLabel) -> Secret? {
        secrets.first { $0.field == field && $0.label == label }
    }

    public func secrets(_ label: SecretLabel) -> [Secret] { secrets.filter { $0.label == label } }

    /// Puts a version in its place; one of the same field and number is replaced.
    public mutating func put(_ secret: Secret) {
        remove(secret.field, secret.version)
        let place = secrets.firstIndex { other in
            secret.field == other.field
                ? secret.version < other.version : secret.field.precedesInBytes(other.field)
        }
        secrets.insert(secret, at: place ?? secrets.endIndex)
    }

    public mutating func remove(_ field: String, _ version: UInt64) {
        secrets.removeAll { $0.field == field && $0.version == version }
    }
}

extension OwnerState {
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("secrets")
        writer.beginArray()
        for secret in secrets { secret.write(to: &writer) }
        writer.endArray()
        writer.member("settings_digest", hex: settingsDigest)
        if let annotations { writer.member("tags_digest", hex: annotations) }
        writer.endObject()
    }

    init?(_ json: JSON) {
        guard let digest = json["settings_digest"]?.bytes(32), let secrets = json["secrets"]?.all(Secret.init)
        else { return nil }
        let annotations = json["tags_digest"]?.bytes(32)
        if json["tags_digest"] != nil, annotations == nil { return nil }
        self.init(settingsDigest: digest, annotations: annotations, secrets: secrets)
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
        guard let field = json["field"]?.string, let version = json["version"]?.integer, version > 0,
            let label = json["label"]?.string.flatMap(SecretLabel.init(rawValue:))
        else { return nil }
        let deposit = json["deposit"]?.bytes(32)
        if json["deposit"] != nil, deposit == nil { return nil }
        let sealed = json["sealed"]?.bytes(32)
        if json["sealed"] != nil, sealed == nil || deposit != nil { return nil }
        let epoch = json["epoch"]?.integer
        if json["epoch"] != nil, epoch ?? 0 <= 0 { return nil }
        // A seal has both or neither; a deposit of an older program has no epoch.
        guard sealed == nil || epoch != nil, epoch == nil || sealed != nil || deposit != nil else {
            return nil
        }
        // A time that cannot be read is written as none, and so is no entry (`Entry.init(bytes:)`).
        self.init(
            field: field, version: UInt64(version), label: label, epoch: epoch.map(UInt64.init),
            sealed: sealed,
            deposit: deposit, keepUntil: json["keep_until"]?.timestamp,
            rotateBy: json["rotate_by"]?.timestamp,
            rotateEvery: json["rotate_every"]?.string, testedAt: json["tested_at"]?.timestamp)
    }
}
