import VaultRegistry

/// Says which uses of a connection are allowed, and which program makes its new secrets.
public struct AllowUses: Operation {
    public typealias Answer = Done
    private let name: String
    private let uses: [Use]?
    private let liftsUses: Bool
    private let paths: [String]?
    private let rotateWith: String?

    /// What is nil stays as it is; `uses` of all of them, and no `paths`, lift the limit; an empty `rotateWith` takes
    /// the program away.
    public init(of name: String, uses: Set<Use>? = nil, paths: [String]? = nil, rotateWith: String? = nil) {
        self.name = name
        self.rotateWith = rotateWith
        liftsUses = uses == Set(Use.allCases)
        self.uses = uses.map { $0.sorted { $0.rawValue < $1.rawValue } }
        self.paths = paths
    }

    public func perform(in vault: Vault, as session: Session) throws(VaultError) -> Done {
        var policy = try vault.policy(of: name)
        if let uses { policy.uses = liftsUses ? nil : Set(uses) }
        if let paths {
            policy.paths = []
            for text in paths {
                do { policy.paths.append(try PathRule(text)) } catch { throw .invalid([error]) }
            }
        }
        if let rotateWith { policy.rotateWith = rotateWith.isEmpty ? nil : rotateWith }
        try vault.allow(policy, of: name, as: session)
        return Done()
    }
}
