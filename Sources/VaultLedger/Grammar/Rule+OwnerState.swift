import VaultCrypto

extension Rule {
    /// The state of an owner after an entry (`OwnerState`): unique secret versions by field, in byte order, then by
    /// version, at most one of each label per field.
    static let state = Rule { $0.takeState() }

    /// The last state of a removed owner: its settings digest and nothing else.
    static let endState = Rule { $0.take(OwnerText.none) && $0.settingsDigest() && $0.take(0x7d) }
}

extension CanonicalScanner {
    fileprivate mutating func takeState() -> Bool {
        guard take(OwnerText.secrets) else { return false }
        var last: StateSecret?
        var labels = 0
        if !take(0x5d) {
            repeat {
                guard let secret = secret() else { return false }
                if let last, bytes[last.field].elementsEqual(bytes[secret.field]) {
                    guard last.version < secret.version else { return false }
                } else {
                    if let last, !precedes(last.field, secret.field) { return false }
                    labels = 0
                }
                guard labels & secret.label == 0 else { return false }
                labels |= secret.label
                last = secret
            } while take(0x2c)
            guard take(0x5d) else { return false }
        }
        guard settingsDigest() else { return false }
        if take(OwnerText.annotations) {
            guard hex(64) != nil, take(0x22) else { return false }
        }
        return take(0x7d)
    }

    fileprivate mutating func settingsDigest() -> Bool {
        take(OwnerText.digest) && hex(64) != nil && take(0x22)
    }

    private struct StateSecret {
        let field: Range<Int>
        let version: UInt64
        /// One bit for each label.
        let label: Int
    }

    private mutating func secret() -> StateSecret? {
        guard take(0x7b) else { return nil }
        var digest: Range<Int>?
        let isDeposit = take(OwnerText.deposit)
        if isDeposit {
            digest = hex(64)
            guard digest != nil, take(OwnerText.next) else { return nil }
        }
        var epoch: UInt64?
        if take(OwnerText.epoch) {
            epoch = number()
            guard epoch ?? 0 > 0, take(0x2c) else { return nil }
        }
        guard take(OwnerText.field) else { return nil }
        let start = position + 1
        guard Rule.key.accepts(&self) else { return nil }
        let field = start..<position - 1
        let isKept = take(OwnerText.keepUntil)
        if isKept, !Rule.time.accepts(&self) { return nil }
        guard take(OwnerText.label), let word = word(),
            let label = OwnerText.labels.firstIndex(where: { isText(word, $0) }),
            // Only a previous version has an end.
            isKept == (SecretLabel.allCases[label] == .previous),
            takeOptional(OwnerText.rotateBy, .time), takeOptional(OwnerText.rotateEvery, .period)
        else { return nil }
        if take(OwnerText.sealed) {
            // A seal has its epoch too, and is no deposit. Older programs wrote neither digest nor epoch.
            guard !isDeposit, epoch != nil else { return nil }
            digest = hex(64)
            guard digest != nil, take(0x22) else { return nil }
        }
        guard epoch == nil || digest != nil, takeOptional(OwnerText.testedAt, .time), take(OwnerText.version),
            let version = number(), version > 0, take(0x7d)
        else { return nil }
        versions.append(
            SealedVersion(
                field: String(decoding: bytes[field], as: UTF8.self), version: version, isDeposit: isDeposit,
                epoch: epoch, digest: digest.flatMap { Hash(decodeHex($0)) }))
        return StateSecret(field: field, version: version, label: 1 << label)
    }

    /// Consumes an optional key and its value.
    private mutating func takeOptional(_ key: [UInt8], _ rule: Rule) -> Bool {
        !take(key) || rule.accepts(&self)
    }
}

/// The text between the values of a state.
private enum OwnerText {
    static let secrets = Array(#"{"secrets":["#.utf8)
    static let none = Array(#"{"secrets":[]"#.utf8)
    static let digest = Array(#","settings_digest":""#.utf8)
    static let annotations = Array(#","tags_digest":""#.utf8)
    static let deposit = Array(#""deposit":""#.utf8)
    static let next = Array(#"","#.utf8)
    static let epoch = Array(#""epoch":"#.utf8)
    static let sealed = Array(#","sealed":""#.utf8)
    static let field = Array(#""field":"#.utf8)
    static let keepUntil = Array(#","keep_until":"#.utf8)
    static let label = Array(#","label":"#.utf8)
    static let rotateBy = Array(#","rotate_by":"#.utf8)
    static let rotateEvery = Array(#","rotate_every":"#.utf8)
    static let testedAt = Array(#","tested_at":"#.utf8)
    static let version = Array(#","version":"#.utf8)
    static let labels = SecretLabel.allCases.map { Array($0.rawValue.utf8) }
}
