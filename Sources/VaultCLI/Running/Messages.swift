import VaultCore
import VaultLedger
import VaultRegistry

// What a person reads of every failure, and the code that a script reads: one exhaustive switch, so that a new case
// does not compile until its message is written.
extension Failure {
    init(_ error: VaultError) {
        switch error {
        case .noVault, .vaultExists, .unsafePath, .notAVault, .tooNew, .alteredSchema, .damaged, .searchIndex,
            .busy, .moved, .inUse,
            .full, .readOnly, .readOnlyLog, .io, .outcomeUnknown:
            self = .file(error)
        case .noFile, .fileExists, .backupCutShort, .kept, .cannotReplace, .backInTime, .backupForked:
            self = .backup(error)
        case .bundle(let fault): self = .bundle(fault)
        case .namesTaken(let names):
            self.init(
                .alreadyExists,
                problems: names.map {
                    Problem(
                        $0.name == $0.taken
                            ? "there is \($0.kind.nounWithArticle) called '\($0.name)' already"
                            : "'\($0.name)' looks like '\($0.taken)', which is there already",
                        next: "rename or remove one of the two; nothing was imported")
                })
        case .memberUnknown, .memberNotNamed, .wrongCredential, .noSlot, .credentialMalformed, .slotRefused,
            .outOfMemory, .grantMissing, .slotNotFound, .lastSlot, .firstPassphrase, .keyFile:
            self = .unlocking(error)
        case .memberTaken, .alreadyMember, .requestRefused, .sameRole, .lastAdmin, .notForOneself,
            .memberChanged:
            self = .members(error)
        case .notFound, .alreadyExists, .invalid, .secretsNeeded, .nothingToDo, .changedMeanwhile,
            .clientInUse,
            .depositUnusable, .noSuchSecret, .variablesCollide, .needsToken, .noVariables, .entryNotFound:
            self = .request(error)
        case .noHTTP, .noTest, .grantUnknown, .useRefused, .pathRefused, .headerRefused,
            .hostRefused:
            self = .use(error)
        case .outside(let fault): self.init(.otherSideFailed, fault.what, next: fault.next)
        case .connectorUnknown, .connectorTaken, .connectorInUse, .connectorFile: self = .connector(error)
        case .forbidden(let member, let role, let action):
            self.init(
                .refused, "\(member) is \(role.withArticle), and that role may not do \(action.rawValue)",
                next: "ask an admin; the attempt is in the ledger")
        case .noLongerMember(let name):
            self.init(.refused, "\(name) is no longer a member of this vault", next: "ask an admin")
        case .ledger, .rolledBack, .forked, .anchorDamaged, .tampered, .verificationFailed, .checkpoint,
            .proof:
            self = .trust(error)
        case .rotation(let fault): self = .rotation(fault)
        case .rotationUnderWay:
            self.init(
                .busy, "another rotation of this vault is going on", next: "wait for it; vault key status")
        case .nothingToResume:
            self.init(.usage, "no rotation has stopped halfway", next: "vault key rotate, to begin one")
        case .rotationStopped(let epoch, let cause):
            let failure = Failure(cause)
            self.init(
                failure.code, "the rotation to epoch \(epoch) has begun and stopped: \(cause.cause)",
                next: cause.isOfFileContent
                    ? "vault audit verify, which names every fault; then vault key rotate --resume"
                    : "vault key rotate --resume, when that is fixed")
        case .rowsNotResealed(let rows, let left):
            self = .notResealed(rows, left)
        case .interrupted:
            self.init(.interrupted, "interrupted; what was done so far stays", next: nil)
        case .agent(let fault): self = .agent(fault)
        }
    }

    private static func request(_ error: VaultError) -> Failure {
        switch error {
        case .notFound(let kind, let name, let nearest):
            Failure(
                .notFound, "no \(kind.noun) is called '\(name)'",
                next: nearest.isEmpty
                    ? "vault \(kind.rawValue) list"
                    : "did you mean \(nearest.map { "'\($0)'" }.joined(separator: " or "))?")
        case .alreadyExists(let kind, let name, let taken):
            Failure(
                .alreadyExists,
                name == taken
                    ? "there is \(kind.nounWithArticle) called '\(name)' already"
                    : "'\(name)' looks like '\(taken)', which is there already",
                next: "choose another name, or: vault \(kind.rawValue) edit '\(taken)'")
        case .invalid(let problems): Failure(problems)
        case .secretsNeeded(let owner, let fields): secretsNeeded(owner, fields)
        case .nothingToDo(let name):
            Failure(
                .usage, "nothing of '\(name)' would change",
                next: "name what to change: --set KEY=VALUE, or for annotate --tag KEY=VALUE and --note TEXT")
        case .changedMeanwhile(let name):
            Failure(
                .busy, "'\(name)' was changed by somebody else meanwhile; nothing was done",
                next: "look at it again and repeat")
        case .clientInUse(let name, let users, let why):
            Failure(
                .refused,
                "'\(name)' cannot be \(why): \(users.map { "'\($0)'" }.joined(separator: ", ")) use\(users.count == 1 ? "s" : "") it",
                next: "change those connections first; vault client used-by '\(name)'")
        case .depositUnusable(let owner, let field):
            Failure(
                .damaged, "what was deposited as \(field) of '\(owner)' does not open, or is no \(field)",
                next:
                    "ask who deposited it (vault connection history '\(owner)'), and enter it again: vault secret set"
            )
        case .noSuchSecret(let owner, _, let fields):
            Failure(
                // What was typed as its name may be the secret itself (case 96).
                .notFound, "'\(owner)' has no secret of that name",
                next: fields.isEmpty
                    ? "with its settings it has no secrets of its own"
                    : "it has \(fields.joined(separator: ", "))")
        case .variablesCollide(let variable, let first, let second):
            Failure(
                .usage, "'\(first)' and '\(second)' both set \(variable)",
                next: "run them one after another, or name the variables that are wanted with --only")
        case .needsToken(let name):
            Failure(
                .refused,
                "'\(name)' signs in by OAuth 2.0, and its token comes from the network",
                next: "vault token '\(name)', or vault proxy '\(name)' -- COMMAND")
        case .noVariables(let name, let connector):
            Failure(
                .usage, "'\(name)' has none of the variables that were asked for",
                next: "vault connector show \(connector), for what there is")
        case .entryNotFound(let seq):
            Failure(.notFound, "the ledger has no entry \(seq)", next: "vault audit log")
        default: preconditionFailure("not a failure of the request")
        }
    }

    private static func use(_ error: VaultError) -> Failure {
        switch error {
        case .noHTTP(let name, let connector):
            Failure(
                .usage,
                "'\(name)' is not spoken to by HTTP: its connector, \(connector), says no way to sign in",
                next: "vault exec '\(name)' -- COMMAND")
        case .noTest(let name, let connector):
            Failure(
                .usage, "the connector \(connector) says no test for '\(name)'",
                next: "vault connector show \(connector); a test is described in docs/connectors.md")
        case .grantUnknown(let name, let connector):
            Failure(
                .usage, "the tokens of '\(name)' are got in a way that this version does not speak",
                next: "use a connector of the grant client-credentials; vault connector show \(connector)")
        case .useRefused(let name, _, let use, let allowed):
            Failure(
                .refused, "the policy of '\(name)' does not allow \(use.rawValue)",
                next: allowed.isEmpty
                    ? "it allows none; ask an admin; the attempt is in the ledger"
                    : "it allows \(allowed.map(\.rawValue).joined(separator: ", ")); the attempt is in the ledger"
            )
        case .pathRefused(let name, _, let method, let path, let rules):
            Failure(
                .refused, "the policy of '\(name)' does not allow \(method) \(path)",
                next: "it allows \(rules.joined(separator: ", ")); the attempt is in the ledger")
        case .headerRefused(let name, _, let header):
            Failure(
                .refused,
                "the policy of '\(name)' restricts paths, and the header \(header) can change where a request goes",
                next: "leave out the header; the attempt is in the ledger")
        case .hostRefused(let name, _, let host):
            Failure(
                .refused,
                "nothing is sent to '\(host)' for '\(name)': it is not among the hosts that are allowed",
                next: "vault connection show '\(name)'; the attempt is in the ledger")
        default: preconditionFailure("not a failure of a use")
        }
    }

    private static func secretsNeeded(_ owner: String, _ fields: [String]) -> Failure {
        let problems = fields.map { field in
            Problem(
                "editing '\(owner)' needs \(field) again",
                next: "add --secret \(field)=SOURCE; the stored one is sealed to the old settings")
        }
        return Failure(.usage, problems: problems)
    }

    init(_ problems: [VaultRegistry.Problem]) {
        self.init(.usage, problems: problems.map { Problem($0.message, next: $0.fits) })
    }

    private static func connector(_ error: VaultError) -> Failure {
        switch error {
        case .connectorUnknown(let name, let nearest):
            Failure(
                .notFound, "there is no connector '\(name)'",
                next: nearest.isEmpty
                    ? "vault connector list" : "did you mean \(nearest.joined(separator: " or "))?")
        case .connectorTaken(let name, let isBuiltIn):
            isBuiltIn
                ? Failure(
                    .alreadyExists, "'\(name)' comes with the program",
                    next: "give your connector another name")
                : Failure(
                    .refused, "connections use '\(name)' as it is",
                    next: "give the new one another name, such as \(name)-2")
        case .connectorInUse(let name):
            Failure(.refused, "connections use '\(name)'", next: "vault connection list --connector \(name)")
        case .connectorFile(let path, let diagnostics):
            Failure(
                .usage,
                problems: diagnostics.map {
                    Problem("\(path):\($0.line):\($0.column): \($0.message)", next: $0.hint)
                })
        default: preconditionFailure("not a failure of a connector")
        }
    }

    private static func notResealed(_ rows: [String], _ left: Int) -> Failure {
        let next =
            "replace them (vault secret set), or remove their connections; then vault key rotate --resume"
        guard !rows.isEmpty else {
            return Failure(
                .damaged, "\(left) secrets are still under the old master key",
                next: "vault key rotate --resume")
        }
        let shown = rows.prefix(20).joined(separator: "; ")
        return Failure(
            .damaged, "\(left) secrets do not open, and stay under the old master key: \(shown)", next: next)
    }
}

extension Role {
    var withArticle: String { (self == .admin || self == .auditor ? "an " : "a ") + rawValue }
}

extension OwnerKind {
    var nounWithArticle: String { self == .connection ? "a connection" : "an OAuth 2.0 client" }
}

extension VaultError {
    /// Whether what the file holds is wrong, so that the same command fails again.
    fileprivate var isOfFileContent: Bool {
        switch self {
        case .damaged, .ledger, .tampered: true
        default: false
        }
    }

    /// What is wrong, without what follows from it.
    var cause: String {
        switch self {
        case .full(let path): "disk full: no space left to write \(path)"
        case .agent(.gone): "the agent ended before it answered"
        case .readOnly(let path): "can't write \(path): read-only file system, or no permission"
        default: Failure(self).problems[0].message
        }
    }
}
