public import VaultMemory
public import VaultRegistry
import VaultStore

/// An owner to be created: what flags, prompts or a bundle say, with settings as they were typed.
public struct OwnerDraft: Sendable, Codable {
    /// Whether it is a connection or a client.
    public var kind: OwnerKind
    /// The name of its connector.
    public var connector: String
    /// The name as typed.
    public var name: String
    /// The values of each setting as typed, by key.
    public var settings: [String: [String]]
    /// The secrets, by field.
    public var secrets: [String: SharedSecret]
    /// The tags.
    public var tags: [Owner.Tag]
    /// The note; empty for none.
    public var note: String

    /// Creates a draft.
    public init(
        _ kind: OwnerKind, connector: String, name: String, settings: [String: [String]],
        secrets: [String: SharedSecret] = [:], tags: [Owner.Tag] = [], note: String = ""
    ) {
        (self.kind, self.connector, self.name, self.settings) = (kind, connector, name, settings)
        (self.secrets, self.tags, self.note) = (secrets, tags, note)
    }
}

extension OwnerDraft {
    /// What is wrong with the name and the tags.
    var problems: [Problem] {
        var problems: [Problem] = []
        do { try Name.check(Name.canonical(name)) } catch { problems.append(error) }
        return problems + tags.flatMap(\.problems)
    }
}

extension Owner.Tag {
    var problems: [Problem] {
        [key, value].compactMap { (part: String) -> Problem? in
            do throws(Problem) { try Name.check(part) } catch {
                return Problem(field: "tag", message: "the tag '\(key)': \(error.message)", hint: error.hint)
            }
            return nil
        }
    }
}

extension Connector {
    /// The fields of a connection or a client, in order, without its name.
    public func form(of kind: OwnerKind) -> [Field] { kind == .connection ? fields : client?.fields ?? [] }

    /// Validates the settings of a draft against this connector's form.
    ///
    /// - Parameters:
    ///   - draft: The draft; its secrets are not considered.
    ///   - secretsGiven: The fields of the secrets that are or will be given.
    /// - Returns: The settings to store, or what is wrong.
    public func validate(_ draft: OwnerDraft, secretsGiven: Set<String>) -> ValidatedForm {
        draft.kind == .connection
            ? validate(raw: draft.settings, secretsGiven: secretsGiven)
            : validateClient(raw: draft.settings, secretsGiven: secretsGiven)
    }

    func check(_ draft: OwnerDraft) throws(VaultError) -> ValidatedForm {
        let form = validate(draft, secretsGiven: Set(draft.secrets.keys))
        let problems = draft.problems + form.problems
        guard problems.isEmpty else { throw .input(.invalid(problems)) }
        return form
    }

    /// The secret field with this key, which must apply to the owner's settings.
    ///
    /// - Throws: `noSuchSecret` with the fields that do.
    func secretField(_ key: String, of owner: OwnerRow) throws(VaultError) -> Field {
        let settings = owner.readSettings ?? [:]
        let fields = form(of: owner.ownerKind).filter { $0.isSecret && $0.applies(in: settings) }
        guard let field = fields.first(where: { $0.key == key }) else {
            throw .input(.noSuchSecret(owner: owner.name, field: key, fields: fields.map(\.key)))
        }
        return field
    }

    /// The name of the client that a connection's settings refer to.
    func clientName(in settings: Settings) -> String? {
        guard let field = clientReference, case .text(let name)? = settings[field.key] else { return nil }
        return name
    }
}
