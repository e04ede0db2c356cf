import VaultRegistry

/// Says which uses of a connection are allowed.
public struct AllowUses: Operation {
    public typealias Answer = Done
    private let name: String
    private let uses: [Use]?
    private let liftsUses: Bool
    private let paths: [String]?

    /// What is nil stays as it is; `uses` of all of them, and no `paths`, lift the limit.
    public init(of name: String, uses: Set<Use>?, paths: [String]?) {
        self.name = name
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
        try vault.allow(policy, of: name, as: session)
        return Done()
    }
}
