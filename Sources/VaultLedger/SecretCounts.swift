/// The counts of secrets by epoch: all that the anchor remembers of the replayed owners, however many there are.
public struct SecretCounts: Sendable, Equatable {
    /// Whether every new version must have epoch and digest: from `vault.create` with format 2 or the first `secret.cover`
    /// on.
    public internal(set) var isCovered = false
    /// The number of versions that no entry records epoch and digest of.
    public internal(set) var uncovered: UInt64 = 0
    /// The epochs that secrets can be sealed under: the retiring one, if any, then the current one.
    public internal(set) var epochs: [Epoch] = []

    /// The counts of an empty vault.
    init() {}

    /// The counts of one epoch.
    public struct Epoch: Sendable, Equatable {
        /// The number of the epoch.
        public let number: UInt64
        /// The number of the entry that began the epoch.
        public let began: UInt64
        /// The number of entries with a digest list from then on, until the next epoch begins.
        public internal(set) var lists: UInt64 = 0
        /// The number of versions that are sealed under it.
        public internal(set) var secrets: UInt64 = 0
    }

    /// The number of versions that are sealed under an epoch.
    public func secrets(under epoch: UInt64) -> UInt64 { epochs.first { $0.number == epoch }?.secrets ?? 0 }

    /// The first entry with a digest list that can still be in force, and the number of entries with such lists.
    public var lists: (since: UInt64, count: UInt64) {
        (epochs.first?.began ?? 0, epochs.reduce(0) { $0 + $1.lists })
    }

    mutating func add(_ version: SealedVersion) { change(version, by: 1) }
    mutating func remove(_ version: SealedVersion) { change(version, by: -1) }

    private mutating func change(_ version: SealedVersion, by step: Int64) {
        guard version.isCovered, let place = epochs.firstIndex(where: { $0.number == version.epoch }) else {
            uncovered = Self.sum(uncovered, step)
            return
        }
        epochs[place].secrets = Self.sum(epochs[place].secrets, step)
    }

    /// Clamps at zero: counts from an edited anchor can be too small.
    private static func sum(_ count: UInt64, _ step: Int64) -> UInt64 {
        UInt64(clamping: Int64(count) + step)
    }
}

extension SecretCounts {
    /// The form in the anchor.
    var json: JSON {
        [
            "covered": .bool(isCovered),
            "epochs": .array(
                epochs.map {
                    [
                        "began": .integer(Int64($0.began)), "epoch": .integer(Int64($0.number)),
                        "lists": .integer(Int64($0.lists)), "secrets": .integer(Int64($0.secrets)),
                    ]
                }), "uncovered": .integer(Int64(uncovered)),
        ]
    }

    /// Whether the epochs are those of the state, and began within the first `size` entries.
    func fits(_ state: LedgerState, size: UInt64) -> Bool {
        epochs.map(\.number) == [state.retiring, state.epoch].compactMap { $0?.number }
            && epochs.allSatisfy { $0.began < size && $0.lists <= size - $0.began }
    }

    init?(_ json: JSON) {
        guard case .bool(let isCovered)? = json["covered"], let uncovered = json["uncovered"]?.count,
            let epochs = json["epochs"]?.all(Epoch.init), epochs.count <= 2
        else { return nil }
        (self.isCovered, self.uncovered, self.epochs) = (isCovered, uncovered, epochs)
    }
}

extension SecretCounts.Epoch {
    fileprivate init?(_ json: JSON) {
        guard let number = json["epoch"]?.count, let began = json["began"]?.count,
            let lists = json["lists"]?.count, let secrets = json["secrets"]?.count
        else { return nil }
        self.init(number: number, began: began, lists: lists, secrets: secrets)
    }
}

extension JSON {
    /// A count that can't overflow when versions are added.
    fileprivate var count: UInt64? {
        integer.flatMap { (0...1 << 53).contains($0) ? UInt64($0) : nil }
    }
}
