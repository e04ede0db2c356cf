public import VaultLedger
public import VaultMemory
import VaultRegistry
import VaultStore

/// What one step of a rotation did.
public struct RotationStep: Sendable, Equatable, Codable {
    public let kind: OwnerKind
    public let owner: String
    /// The versions that the step was about: pending ones, or, when it finished, those that are current now.
    public let versions: [FieldVersion]
    /// When the versions before are destroyed; nil where there are none, or they are already.
    public var keepUntil: Timestamp?

    init(_ row: OwnerRow, _ secrets: [OwnerState.Secret], keepUntil: Timestamp? = nil) {
        kind = row.ownerKind
        owner = row.name
        versions = secrets.map { FieldVersion(field: $0.field, version: $0.version) }
        self.keepUntil = keepUntil
    }
}

/// One version of one field.
public struct FieldVersion: Sendable, Hashable, Codable {
    public let field: String
    public let version: UInt64

    public init(field: String, version: UInt64) {
        self.field = field
        self.version = version
    }
}

/// What `rotate start` takes in.
public struct RotationDraft: Sendable, Codable {
    public var owner: String
    public var secrets: [String: SharedSecret]
    public var expires: Timestamp?
    /// Whether a rotation that is going on is given up for this one.
    public var replaces: Bool
    /// The program that made them, for the ledger; nil where a person or a script gave them.
    public var program: String?

    public init(
        of owner: String, secrets: [String: SharedSecret], expires: Timestamp? = nil, replaces: Bool = false,
        program: String? = nil
    ) {
        self.owner = owner
        self.secrets = secrets
        self.expires = expires
        self.replaces = replaces
        self.program = program
    }
}

extension Vault {
    /// Begins a rotation: the new values are sealed and wait as pending; what is used stays as it is.
    public func startRotation(_ draft: RotationDraft, as session: Session) throws(VaultError) -> RotationStep
    {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.startRotation)
                let row = try transaction.rows.findEither(draft.owner)
                let connector = try connector(named: row.connector, transaction.rows)
                let fields = try draft.secrets.keys.sorted().map { try connector.secretField($0, of: row) }
                return try transaction.start(draft, fields, of: row)
            }
        }
    }

    /// Gives a rotation up: what was pending is destroyed, what is used stays as it is.
    public func abortRotation(of name: String, as session: Session) throws(VaultError) -> RotationStep {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.abortRotation)
                return try transaction.abort(try transaction.rows.findEither(name))
            }
        }
    }
}

extension Transaction {
    fileprivate mutating func start(
        _ draft: RotationDraft, _ fields: [Field], of row: OwnerRow
    ) throws -> RotationStep {
        guard !fields.isEmpty else { throw VaultError.nothingToDo(row.name) }
        if let expires = draft.expires, expires <= time {
            throw VaultError.rotation(.expiryPast(expires))
        }
        var state = try signedState(of: row)
        let going = state.secrets(.pending)
        guard going.isEmpty || draft.replaces else {
            throw VaultError.rotation(try underWay(going, row))
        }
        for old in going { try destroy(old, of: row, in: &state) }
        var change = Change(details: ["fields": .array(fields.map { .string($0.key) })])
        change.details["program"] = draft.program.map { .string($0) }
        change.note(destroyed: going.map { ($0.field, $0.version, $0.label.rawValue) })
        var bench = try sealBench()
        let address = try newAddress(row, state.settingsDigest)
        for field in fields {
            let terms = SecretTerms(
                field, at: time, after: state.secret(field.key, .current), label: .pending,
                expires: draft.expires)
            let version = try rows.nextVersion(of: field.key, row)
            state.put(
                try store(
                    draft.secrets[field.key]!, field: field, version: version, address, owner: row.id,
                    terms: terms, with: &bench))
            change.note(terms, of: field)
        }
        change.state = state
        try record(.startRotation, row.object, change)
        return RotationStep(row, state.secrets(.pending))
    }

    private func underWay(_ pending: [OwnerState.Secret], _ row: OwnerRow) throws -> RotationFault {
        let origin = try rows.origins(of: row)[VersionKey(pending[0])]
        return .underWay(
            owner: row.name, fields: pending.map(\.field), by: origin?.setBy ?? "",
            since: origin?.setAt ?? time)
    }

    fileprivate mutating func abort(_ row: OwnerRow) throws -> RotationStep {
        var state = try signedState(of: row)
        let pending = try pending(state, row)
        for secret in pending { try destroy(secret, of: row, in: &state) }
        let fields = JSON.array(pending.map { .string($0.field) })
        try record(.abortRotation, row.object, Change(state: state, details: ["fields": fields]))
        return RotationStep(row, pending)
    }

    /// The pending versions of an owner.
    ///
    /// - Throws: `nothingPending`, or `settingsEdited` where an edit has taken them away.
    func pending(_ state: OwnerState, _ row: OwnerRow) throws -> [OwnerState.Secret] {
        let pending = state.secrets(.pending)
        guard pending.isEmpty else { return pending }
        var fault = RotationFault.nothingPending(owner: row.name)
        try rows.forEachState(of: row) { entry in
            switch entry.action {
            case .editConnection, .editClient:
                let lost = entry.change.details["destroyed"]?.array ?? []
                if lost.contains(where: { $0["label"]?.string == SecretLabel.pending.rawValue }) {
                    fault = .settingsEdited(owner: row.name, by: entry.actor.name, at: entry.time)
                }
                return false
            case .startRotation, .finishRotation, .abortRotation: return false
            default: return true
            }
        }
        throw VaultError.rotation(fault)
    }

    func destroy(_ secret: OwnerState.Secret, of row: OwnerRow, in state: inout OwnerState) throws {
        try rows.deleteSecret(of: row.id, field: secret.field, version: secret.version)
        state.remove(secret.field, secret.version)
    }
}
