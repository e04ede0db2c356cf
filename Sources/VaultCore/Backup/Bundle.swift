import VaultCrypto
import VaultLedger
import VaultRegistry
import VaultStore
import VaultText

/// A file that moves connections and clients to another vault (docs/format.md, section 16).
///
/// It has lines of canonical JSON: a head, one for each owner, and the exporter's signature over all bytes before it.
struct Bundle {
    let head: Head
    let owners: [BundledOwner]

    struct Head {
        /// The format version. Version 1 had neither terms nor policies.
        static let form: Int64 = 2

        let vault: [UInt8]
        let exporter: LedgerState.Member
        /// The receiving key of the importer.
        let to: [UInt8]
        /// The bundle's key, sealed to `to`.
        let key: [UInt8]
        let time: Timestamp
        let count: Int
        var form = Head.form
    }

    static func text(_ head: Head, _ owners: [BundledOwner], by identity: borrowing Identity) -> String {
        let text = ([head.json] + owners.map(\.json)).map { $0.text + "\n" }.joined()
        let signature = identity.sign(signedMessage(Array(text.utf8)[...]))
        return text + signatureLine(signature) + "\n"
    }

    /// The only accepted text of a signature, so that the unsigned line can't be changed either.
    private static func signatureLine(_ signature: [UInt8]) -> String {
        (["signature": .string(Hex.encode(signature))] as JSON).text
    }

    /// Parses a bundle, and checks its signature by the key in its head.
    ///
    /// - Throws: `VaultError.bundle` with `malformed`, `truncated` or `forged`.
    init(_ text: String) throws(VaultError) {
        let bytes = Array(text.utf8)
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard let first = lines.first, let text = Self.canonical(first), let head = Head(text) else {
            throw .bundle(.malformed(line: 1))
        }
        // The head, the owners, the signature, and nothing after its newline.
        guard lines.count == head.count + 3, lines[head.count + 2].isEmpty else { throw .bundle(.truncated) }
        let last = Array(lines[head.count + 1])
        guard let signature = (try? JSON.parse(last))?["signature"]?.string.flatMap({ Hex.decode($0) }),
            Self.signatureLine(signature).utf8.elementsEqual(last)
        else { throw .bundle(.malformed(line: head.count + 2)) }
        let message = Self.signedMessage(bytes[..<lines[head.count + 1].startIndex])
        guard Ed25519.verify(signature, of: message, by: head.exporter.signKey) else {
            throw .bundle(.forged)
        }
        self.head = head
        var owners: [BundledOwner] = []
        for (number, line) in lines[1...].prefix(head.count).enumerated() {
            guard let text = Self.canonical(line), let owner = BundledOwner(text),
                owner.fits(text, form: head.form)
            else { throw .bundle(.malformed(line: number + 2)) }
            owners.append(owner)
        }
        self.owners = owners
    }

    /// The value of a line, or nil if it is not canonical JSON.
    private static func canonical(_ line: ArraySlice<UInt8>) -> JSON? {
        guard let json = try? JSON.parse(Array(line)), json.bytes.elementsEqual(line) else { return nil }
        return json
    }

    private static func signedMessage(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array("vault-bundle/v1\n\(Hex.encode(Digest.sha256(Array(bytes))))\n".utf8)
    }
}

extension Bundle.Head {
    var json: JSON {
        [
            "bundle": .integer(form), "count": .integer(Int64(count)), "exporter": exporter.details,
            "key": .string(Base64.encode(key)), "time": .string(time.text), "to": .string(Hex.encode(to)),
            "vault": .string(Hex.encode(vault)),
        ]
    }

    init?(_ json: JSON) {
        guard let form = json["bundle"]?.integer, (1...Self.form).contains(form),
            let count = json["count"]?.integer, count > 0, count < 10_000_000,
            let vault = json["vault"]?.string.flatMap({ Hex.decode($0) }), vault.count == 32,
            let to = json["to"]?.string.flatMap({ Hex.decode($0) }), to.count == 32,
            let key = json["key"]?.string.flatMap({ Base64.decode($0) }),
            let time = json["time"]?.string.flatMap(Timestamp.init(text:)), let exporter = json["exporter"],
            let member = try? LedgerState.Member(["member": exporter], role: .admin)
        else { return nil }
        self.init(vault: vault, exporter: member, to: to, key: key, time: time, count: Int(count), form: form)
        // No other keys, and no other encoding of a value.
        guard self.json == json else { return nil }
    }

    /// The origin that the entries of an import record.
    var origin: JSON {
        [
            "exporter": .string(exporter.name), "sign_key": .string(Hex.encode(exporter.signKey)),
            "vault": .string(Hex.encode(vault)),
        ]
    }
}

/// A connection or client in a bundle: plain settings, and secrets that are sealed to them.
struct BundledOwner {
    let kind: OwnerKind
    let id: Identifier
    let connector: String
    let name: String
    let settings: Settings
    let tags: [Owner.Tag]
    let note: String
    /// Fields and their sealed values, in byte order of the fields.
    var secrets: [(field: String, sealed: [UInt8])] = []
    /// When each secret expires and must be rotated, by field.
    var terms: [String: SecretTerms] = [:]
    /// Which uses an admin has allowed; all by default.
    var policy = UsePolicy()

    func aad(_ field: String, from vault: [UInt8]) -> [UInt8] {
        BundleKey.aad(
            vault: vault, owner: id.bytes, field: field,
            settingsDigest: settings.digest(connector: connector, name: name))
    }
}

extension BundledOwner {
    var json: JSON {
        var json: JSON.Members = [
            "connector": .string(connector), "id": .string(id.hex), "kind": .string(kind.rawValue),
            "name": .string(name), "note": .string(note),
            "secrets": .object(
                JSON.Members(secrets.map { ($0.field, .string(Base64.encode($0.sealed))) })),
            "settings": settings.json,
            "tags": .object(JSON.Members(tags.map { ($0.key, .string($0.value)) })),
        ]
        if !terms.isEmpty { json["terms"] = .object(JSON.Members(terms.map { ($0.key, $0.value.json) })) }
        if policy != UsePolicy() { json["policy"] = .object(policy.details) }
        return .object(json)
    }

    init?(_ json: JSON) {
        guard let kind = json["kind"]?.string.flatMap(OwnerKind.init(rawValue:)),
            let id = json["id"]?.string.flatMap(Identifier.init(hex:)),
            let connector = json["connector"]?.string, let name = json["name"]?.string,
            let note = json["note"]?.string,
            let settings = json["settings"].flatMap({ Settings(json: $0) }), settings["name"] == nil,
            let tags = json["tags"]?.object?.pairs, let sealed = json["secrets"]?.object?.pairs
        else { return nil }
        let secrets = sealed.compactMap { pair in
            pair.value.string.flatMap { Base64.decode($0) }.map { (field: pair.key, sealed: $0) }
        }
        // Values of other types are dropped, and `fits` notices that.
        let read = tags.compactMap { tag in tag.value.string.map { Owner.Tag(key: tag.key, value: $0) } }
        self.init(
            kind: kind, id: id, connector: connector, name: name, settings: settings, tags: read, note: note,
            secrets: secrets)
        for pair in json["terms"]?.object?.pairs ?? [] {
            guard let terms = SecretTerms(pair.value) else { return nil }
            self.terms[pair.key] = terms
        }
        guard let said = json["policy"] else { return }
        // A policy of a newer program must not be read as a more permissive one.
        guard kind == .connection, let details = said.object, let policy = UsePolicy(details),
            policy.details == details, !details.isEmpty
        else { return nil }
        self.policy = policy.exported
    }

    /// Whether a line has exactly the keys of its format version, and canonical values.
    fileprivate func fits(_ line: JSON, form: Int64) -> Bool {
        guard var read = line.object, var written = self.json.object else { return false }
        let hasTerms = form >= 2 && !secrets.isEmpty
        guard Set(terms.keys) == (hasTerms ? Set(secrets.map(\.field)) : []),
            form >= 2 || read["policy"] == nil
        else { return false }
        // The initializer checks the policy, and drops the rotation hook from it.
        (read["policy"], written["policy"]) = (nil, nil)
        return read == written
    }
}

extension SecretTerms {
    fileprivate var json: JSON {
        var json: JSON.Members = [:]
        json["expires"] = expires.map { .string($0.text) }
        json["rotate_by"] = rotateBy.map { .string($0.text) }
        json["rotate_every"] = rule.map(JSON.string)
        return .object(json)
    }

    fileprivate init?(_ json: JSON) {
        func time(_ key: String) -> Timestamp? { json[key]?.string.flatMap(Timestamp.init(text:)) }
        let rule = json["rotate_every"]?.string
        guard rule.map({ $0 == "never" || Period($0)?.text == $0 }) ?? true else { return nil }
        self.init(expires: time("expires"), rotateBy: time("rotate_by"), rule: rule)
    }
}
