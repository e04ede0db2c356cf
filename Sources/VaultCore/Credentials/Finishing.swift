import VaultLedger
public import VaultRegistry
import VaultStore

extension Vault {
    /// Promotes what is pending to current, and keeps what was current as previous for the overlap; nil keeps nothing.
    ///
    /// All fields of the owner change in one transaction, and with a client all connections that use it.
    ///
    /// - Throws: `untested` where the last test was not passed, unless that is said; `settingsEdited`, `overtaken`,
    ///   `clockWentBack`.
    public func finishRotation(
        of name: String, overlap: Period?, untested: Bool = false, as session: Session
    ) throws(VaultError) -> RotationStep {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.finishRotation)
                let row = try transaction.rows.findEither(name)
                return try transaction.finish(row, overlap: overlap, untested: untested)
            }
        }
    }

    /// Takes a finished rotation back: of each field, what is previous and what is current change their labels.
    ///
    /// What was current is kept for as long as the overlap says, so that this can be taken back too.
    public func rollBack(
        _ fields: [String], of name: String, overlap: Period, as session: Session
    ) throws(VaultError) -> RotationStep {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.rollBackSecret)
                return try transaction.rollBack(fields, of: try transaction.rows.findEither(name), overlap)
            }
        }
    }

    /// Destroys one version that is not current: its row is overwritten and the log emptied.
    public func destroyVersion(
        _ version: UInt64, of field: String, of name: String, as session: Session
    ) throws(VaultError) -> RotationStep {
        try VaultError.catching {
            try change(as: session) { transaction in
                try transaction.mayDo(.destroySecret)
                let row = try transaction.rows.findEither(name)
                return try transaction.destroyVersion(version, of: field, row)
            }
        }
    }
}

extension Transaction {
    fileprivate mutating func finish(_ row: OwnerRow, overlap: Period?, untested: Bool) throws
        -> RotationStep
    {
        var state = try signedState(of: row)
        let pending = try pending(state, row)
        guard untested || pending.allSatisfy({ $0.testedAt != nil }) else {
            throw VaultError.rotation(.untested(owner: row.name))
        }
        try checkClock(row)
        let keepUntil = overlap.map { time + $0 }
        var destroyed: [OwnerState.Secret] = []
        var isKept = false
        for secret in pending {
            if let current = state.secret(secret.field, .current) {
                try checkIsNewer(secret, current, row)
                if let older = state.secret(secret.field, .previous) {
                    try destroy(older, of: row, in: &state)
                    destroyed.append(older)
                }
                if let keepUntil {
                    try relabel(current, .previous, keepUntil: keepUntil, of: row, in: &state)
                    isKept = true
                } else {
                    try destroy(current, of: row, in: &state)
                    destroyed.append(current)
                }
            }
            try relabel(secret, .current, of: row, in: &state)
        }
        var change = Change(
            state: state, details: ["fields": .array(pending.map { .string($0.field) })])
        if !pending.allSatisfy({ $0.testedAt != nil }) { change.details["untested"] = true }
        change.note(destroyed: destroyed.map { ($0.field, $0.version, $0.label.rawValue) })
        try record(.finishRotation, row.object, change)
        return RotationStep(row, pending, keepUntil: isKept ? keepUntil : nil)
    }

    fileprivate mutating func rollBack(_ fields: [String], of row: OwnerRow, _ overlap: Period) throws
        -> RotationStep
    {
        var state = try signedState(of: row)
        try checkClock(row)
        var restored: [OwnerState.Secret] = []
        for field in Set(fields).sorted() {
            guard let previous = state.secret(field, .previous) else {
                let known = Set(state.secrets.map(\.field))
                guard known.contains(field) else {
                    throw VaultError.noSuchSecret(owner: row.name, field: field, fields: known.sorted())
                }
                throw VaultError.rotation(.noPrevious(owner: row.name, field: field))
            }
            if let current = state.secret(field, .current) {
                try relabel(current, .previous, keepUntil: time + overlap, of: row, in: &state)
            }
            try relabel(previous, .current, of: row, in: &state)
            restored.append(previous)
        }
        let names = JSON.array(restored.map { .string($0.field) })
        try record(.rollBackSecret, row.object, Change(state: state, details: ["fields": names]))
        return RotationStep(row, restored, keepUntil: time + overlap)
    }

    fileprivate mutating func destroyVersion(_ version: UInt64, of field: String, _ row: OwnerRow) throws
        -> RotationStep
    {
        var state = try signedState(of: row, replacing: field)
        let versions = state.secrets.filter { $0.field == field }
        guard !versions.isEmpty else {
            let known = Set(state.secrets.map(\.field)).sorted()
            throw VaultError.noSuchSecret(owner: row.name, field: field, fields: known)
        }
        guard let secret = versions.first(where: { $0.version == version }) else {
            throw VaultError.rotation(
                .noSuchVersion(
                    owner: row.name, field: field, version: version, versions: versions.map(\.version)))
        }
        guard secret.label != .current else {
            throw VaultError.rotation(.versionIsCurrent(owner: row.name, field: field, version: version))
        }
        try recordDestruction([secret], of: row, state: &state)
        return RotationStep(row, [secret])
    }

    /// Destroys versions and tells of it; `why` where nobody asked for it.
    mutating func recordDestruction(
        _ secrets: [OwnerState.Secret], of row: OwnerRow, state: inout OwnerState, why: String? = nil
    ) throws {
        for secret in secrets { try destroy(secret, of: row, in: &state) }
        var change = Change(state: state)
        change.note(destroyed: secrets.map { ($0.field, $0.version, $0.label.rawValue) })
        if let why { change.details["why"] = .string(why) }
        try record(.destroySecret, row.object, change)
    }

    private func relabel(
        _ secret: OwnerState.Secret, _ label: SecretLabel, keepUntil: Timestamp? = nil, of row: OwnerRow,
        in state: inout OwnerState
    ) throws {
        var secret = secret
        secret.label = label
        secret.keepUntil = keepUntil
        state.put(secret)
        // A test of the connection was told of what was current then, and the next one is told of what is now: what
        // stays with a version is the test of its rotation.
        try rows.label(
            of: row.id, field: secret.field, version: secret.version, label.rawValue,
            keepUntil: keepUntil?.text, testedAt: secret.testedAt?.text)
    }

    /// By how many seconds the clocks of two machines may differ.
    static let clockSlack: Int64 = 300

    /// An overlap that is told by a clock which went back would be over before it began.
    private func checkClock(_ row: OwnerRow) throws {
        let seen = try stateEntry(of: row).time
        guard time.seconds >= seen.seconds - Self.clockSlack else {
            throw VaultError.rotation(.clockWentBack(owner: row.name, now: time, seen: seen))
        }
    }

    private func checkIsNewer(
        _ pending: OwnerState.Secret, _ current: OwnerState.Secret, _ row: OwnerRow
    ) throws {
        guard current.version > pending.version else { return }
        let origin = try rows.origins(of: row)[VersionKey(current)]
        throw VaultError.rotation(
            .overtaken(
                owner: row.name, field: current.field, by: origin?.setBy ?? "", at: origin?.setAt ?? time))
    }
}
