/// What one guess at a passphrase costs: Argon2id's memory and passes, with one lane.
///
/// The bounds are compiled in. A file that asks for less would make guessing cheap, one that asks for more would
/// make opening impossible; both are refused before anything is derived or allocated (cases 13, 14).
public struct PassphraseCost: Sendable, Equatable {
    /// Memory in bytes.
    public let memory: UInt64
    /// Passes over the memory.
    public let passes: UInt64

    /// 256 MiB, 3 passes.
    public static let `default` = PassphraseCost(mebibytes: 256, passes: 3)
    /// 64 MiB, 3 passes.
    public static let floor = PassphraseCost(mebibytes: 64, passes: 3)
    /// 1 GiB, 10 passes.
    public static let ceiling = PassphraseCost(mebibytes: 1024, passes: 10)

    /// Throws `costRefused` outside of floor and ceiling.
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
