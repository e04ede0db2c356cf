/// The cost of one guess at a passphrase: Argon2id's memory and passes, with one lane.
///
/// The bounds are compiled in: a lower cost in the file would make guessing cheap, a higher one would make opening
/// impossible. Both are rejected before anything is derived or allocated (cases 13, 14).
public struct PassphraseCost: Sendable, Equatable {
    /// The memory, in bytes.
    public let memory: UInt64
    /// The number of passes over the memory.
    public let passes: UInt64

    /// The cost of new slots: 256 MiB, 3 passes.
    public static let `default` = PassphraseCost(mebibytes: 256, passes: 3)
    /// The lowest accepted cost: 64 MiB, 3 passes.
    public static let floor = PassphraseCost(mebibytes: 64, passes: 3)
    /// The highest accepted cost: 1 GiB, 10 passes.
    public static let ceiling = PassphraseCost(mebibytes: 1024, passes: 10)

    /// Creates a cost, with the memory in bytes.
    ///
    /// - Throws: `SlotError.costRefused` below `floor` or above `ceiling`.
    public init(memory: UInt64, passes: UInt64) throws(SlotError) {
        guard (Self.floor.memory...Self.ceiling.memory).contains(memory),
            (Self.floor.passes...Self.ceiling.passes).contains(passes)
        else { throw .costRefused }
        (self.memory, self.passes) = (memory, passes)
    }

    private init(mebibytes: UInt64, passes: UInt64) {
        (memory, self.passes) = (mebibytes << 20, passes)
    }
}
