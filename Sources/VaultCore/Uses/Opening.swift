public import VaultLedger
import VaultMemory
import VaultRegistry
import VaultStore

extension Vault {
    /// Opens what one use of a connection needs; the use is an entry, and durable, before anything leaves this call.
    ///
    /// `label` chooses among the versions of a secret: `pending` takes the pending ones where there are any, and the
    /// current ones otherwise.
    ///
    /// - Throws: `useRefused`, `pathRefused`, `headerRefused`, `hostRefused`, which the ledger is told; `noHTTP`, `noTest` for a
    ///   connector that is not spoken to like this.
    public func open(
        _ name: String, for purpose: Purpose, label: SecretLabel = .current, as session: Session
    ) throws(VaultError) -> OpenedUse {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(purpose.action)
                let row = try transaction.rows.find(.connection, name)
                let connector = try connector(named: row.connector, transaction.rows)
                let opened = try transaction.open(row, connector, for: purpose, label)
                if purpose == .test, connector.test(for: opened.settings) == nil {
                    throw VaultError.noTest(name: row.name, connector: connector.name)
                }
                try transaction.record(
                    purpose.action, row.object,
                    Change(details: purpose.details.merging(opened.entryDetails)))
                if label == .current { try transaction.noteUse(of: row) }
                return opened
            }
        }
    }

    /// What a token for a child process is minted by; its use was recorded by `variables`, and is not again.
    public func openForChild(_ name: String, as session: Session) throws(VaultError) -> OpenedUse {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.execConnection)
                let row = try transaction.rows.find(.connection, name)
                _ = try transaction.checkPolicy(of: row, for: .exec)
                let connector = try connector(named: row.connector, transaction.rows)
                return try transaction.open(row, connector, for: .test, .current)
            }
        }
    }

    /// Opens the secret of the client that a connection's tokens are minted with; that is an entry of the client.
    public func openClient(of plan: TokenPlan, as session: Session) throws(VaultError) -> OpenedClient {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.mintToken)
                let client = try transaction.rows.find(.client, plan.client)
                let connector = try connector(named: client.connector, transaction.rows)
                guard let form = connector.client else {
                    throw VaultError.changedMeanwhile(name: plan.client)
                }
                let (secret, version) = try transaction.openVersion(
                    WellKnownKey.clientSecret, of: client, plan.label)
                guard transaction.key(of: plan, client, version) == plan.key,
                    form.token.grant == .clientCredentials
                else { throw VaultError.changedMeanwhile(name: plan.client) }
                try transaction.record(
                    .mintToken, client.object,
                    Change(details: [
                        "connection": .string(plan.connection), "host": .string(plan.destination.host),
                        "version": .integer(Int64(version)),
                    ]))
                if plan.label == .current { try transaction.noteUse(of: client) }
                return OpenedClient(plan: plan, secret: secret)
            }
        }
    }

    /// A connection that is not stored yet, with the secrets that were given for it, to be tested before it is.
    public func open(_ draft: OwnerDraft, as session: Session) throws(VaultError) -> OpenedUse {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.testConnection)
                let connector = try connector(named: draft.connector, transaction.rows)
                return try transaction.open(draft, connector)
            }
        }
    }

    /// What a proxy sent since its last entry, told at its end.
    public func recordProxied(_ tally: Purpose.Tally, of use: OpenedUse, as session: Session)
        throws(VaultError)
    {
        guard let id = use.id else { return }
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.record(
                    .proxyConnection, Entry.Object(.connection, id: id, name: use.connection),
                    Change(details: tally.details))
            }
        }
    }

    /// A request that a running proxy refused: its entry.
    public func recordRefused(
        _ purpose: Purpose, of use: OpenedUse, why: String, as session: Session
    ) throws(VaultError) {
        guard let id = use.id else { return }
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.record(
                    Refusal(
                        what: purpose.action.rawValue, why: why,
                        object: Entry.Object(.connection, id: id, name: use.connection)))
            }
        }
    }
}

extension OpenedUse {
    /// Which versions went out, for the entry.
    var entryDetails: JSON.Members {
        var details: JSON.Members = [:]
        if label != .current { details["label"] = .string(label.rawValue) }
        if !versions.isEmpty {
            details["versions"] = .object(
                JSON.Members(versions.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) }))
        }
        return details
    }
}

extension JSON.Members {
    func merging(_ other: JSON.Members) -> JSON.Members {
        JSON.Members((pairs + other.pairs).map { ($0.key, $0.value) })
    }
}

extension Transaction {
    fileprivate func open(
        _ row: OwnerRow, _ connector: Connector, for purpose: Purpose, _ label: SecretLabel
    ) throws -> OpenedUse {
        let state = try signedState(of: row)
        let policy = try purpose.use.map { try checkPolicy(of: row, for: $0) } ?? UsePolicy()
        if case .request(let method, let path, let headers) = purpose {
            if let header = policy.overridingHeader(among: headers) {
                throw VaultError.headerRefused(name: row.name, id: row.identifier, header: header)
            }
            guard policy.allows(method, path) else {
                throw VaultError.pathRefused(
                    name: row.name, id: row.identifier, method: method, path: path.path,
                    rules: policy.paths.map(\.text))
            }
        }
        var versions: [String: UInt64] = [:]
        let source = ProofSource(
            name: row.name, id: row.identifier, connector: connector, settings: row.readSettings ?? [:],
            label: label, stored: Set(state.secrets.map(\.field))
        ) { field in
            let (secret, version) = try openVersion(field, of: row, label)
            versions[field] = version
            return secret
        }
        let destination = try source.destination()
        let proof = try proof(from: source, destination)
        if case .token(let plan) = proof { versions[WellKnownKey.clientSecret] = try clientVersion(of: plan) }
        return OpenedUse(
            connection: row.name, id: row.identifier, connector: connector, settings: source.settings,
            destination: destination, proof: proof, versions: versions, label: label, policy: policy)
    }

    fileprivate mutating func open(_ draft: OwnerDraft, _ connector: Connector) throws -> OpenedUse {
        let checked = try connector.check(draft)
        _ = try client(of: checked.settings, connector)
        let source = ProofSource(
            name: draft.name, id: nil, connector: connector, settings: checked.settings, label: .current,
            stored: Set(draft.secrets.keys)
        ) { field in
            guard let secret = draft.secrets[field], let form = connector.field(field) else {
                throw VaultError.noSuchSecret(
                    owner: draft.name, field: field, fields: draft.secrets.keys.sorted())
            }
            return try form.accepted(secret)
        }
        guard connector.test(for: source.settings) != nil else {
            throw VaultError.noTest(name: draft.name, connector: connector.name)
        }
        let destination = try source.destination()
        return OpenedUse(
            connection: draft.name, id: nil, connector: connector, settings: source.settings,
            destination: destination, proof: try proof(from: source, destination), versions: [:],
            label: .current, policy: UsePolicy())
    }

    /// Opens the version of a secret that has the label, or else the current one.
    func openVersion(_ field: String, of owner: OwnerRow, _ label: SecretLabel) throws -> (
        SharedSecret, UInt64
    ) {
        let secrets = try signedState(of: owner).secrets.filter { $0.field == field }
        let found = secrets.first { $0.label == label } ?? secrets.first { $0.label == .current }
        guard let found else {
            throw VaultError.noSuchSecret(owner: owner.name, field: field, fields: secrets.map(\.field))
        }
        return (try open(field, of: owner, preferring: found.label), found.version)
    }
}
