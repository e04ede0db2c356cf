public import VaultCrypto
import VaultText

/// One entry, with all that shows it to somebody who has a checkpoint and the founder's key, and no vault.
///
/// The text form is a C2SP tlog-proof; what this project adds stands in its `extra` line (docs/format.md, section 14).
/// What it proves is said at `verified`.
public struct EntryProof: Sendable, Equatable {
    /// The number of the entry that is proved; it is one of the steps.
    public let index: UInt64
    /// Its inclusion path in the tree of the checkpoint.
    public let path: [Hash]
    public let checkpoint: SignedNote
    /// Entries in their order: the first of the vault, those that made members of the signers, and the one proved.
    public let steps: [Step]
    /// Older sizes that this proof shows to be beginnings of the checkpoint's tree.
    public let earlier: [Beginning]

    public init(
        index: UInt64, path: [Hash], checkpoint: SignedNote, steps: [Step], earlier: [Beginning] = []
    ) {
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
        self.steps = steps
        self.earlier = earlier
    }

    /// An entry under the head that its author signed.
    public struct Step: Sendable, Equatable {
        public let entry: [UInt8]
        public let head: SignedNote
        /// The inclusion path of the entry in the head's tree.
        public let path: [Hash]
        /// The consistency proof from the head to the checkpoint.
        public let consistency: [Hash]

        public init(entry: [UInt8], head: SignedNote, path: [Hash], consistency: [Hash]) {
            self.entry = entry
            self.head = head
            self.path = path
            self.consistency = consistency
        }
    }

    /// The consistency proof from the tree of `size` entries to the checkpoint's.
    public struct Beginning: Sendable, Equatable {
        public let size: UInt64
        public let path: [Hash]

        public init(size: UInt64, path: [Hash]) {
            self.size = size
            self.path = path
        }
    }
}

extension EntryProof {
    static let title = "c2sp.org/tlog-proof@v1"
    static let mostSteps = 1000

    public var encoded: String {
        var text = Self.title + "\nextra " + Base64.encode(extra.bytes) + "\nindex \(index)\n"
        for hash in path { text += Base64.encode(hash.bytes) + "\n" }
        return text + "\n" + checkpoint.encoded
    }

    private var extra: JSON {
        [
            "earlier": .array(
                earlier.map { ["path": Self.json($0.path), "size": .integer(Int64(clamping: $0.size))] }),
            "steps": .array(
                steps.map { step in
                    [
                        "consistency": Self.json(step.consistency),
                        "entry": .string(String(decoding: step.entry, as: UTF8.self)),
                        "head": .string(step.head.encoded), "path": Self.json(step.path),
                    ]
                }),
        ]
    }

    /// Nil for anything that is no tlog-proof with this project's `extra` line.
    public init?(encoded: String) {
        guard let gap = encoded.firstRange(of: "\n\n") else { return nil }
        let lines = encoded[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0] == Self.title, lines[1].hasPrefix("extra "),
            lines[2].hasPrefix("index "), let index = UInt64(lines[2].dropFirst("index ".count)),
            lines[2] == "index \(index)",
            let bytes = Base64.decode(lines[1].dropFirst("extra ".count)), let extra = try? JSON.parse(bytes),
            let path = Self.hashes(lines.dropFirst(3).map(String.init)),
            let checkpoint = SignedNote(encoded: String(encoded[gap.upperBound...])),
            let steps = extra["steps"]?.all(Step.init), !steps.isEmpty, steps.count <= Self.mostSteps,
            let earlier = extra["earlier"]?.all(Beginning.init)
        else { return nil }
        self.init(index: index, path: path, checkpoint: checkpoint, steps: steps, earlier: earlier)
        // A proof has one text: no other spelling of a key, no further member, no other line.
        guard self.encoded.hasSameBytes(as: encoded) else { return nil }
    }

    private static func json(_ path: [Hash]) -> JSON { .array(path.map { .string(Base64.encode($0.bytes)) }) }

    fileprivate static func hashes(_ texts: [String]) -> [Hash]? {
        let hashes = texts.compactMap { Base64.decode($0).flatMap { Hash($0) } }
        return hashes.count == texts.count ? hashes : nil
    }
}

extension EntryProof.Step {
    init?(_ json: JSON) {
        guard let entry = json["entry"]?.string, let note = json["head"]?.string,
            let head = SignedNote(encoded: note), let path = json["path"]?.path,
            let consistency = json["consistency"]?.path
        else { return nil }
        self.init(entry: Array(entry.utf8), head: head, path: path, consistency: consistency)
    }
}

extension EntryProof.Beginning {
    init?(_ json: JSON) {
        guard let size = json["size"]?.integer, size > 0, let path = json["path"]?.path else { return nil }
        self.init(size: UInt64(size), path: path)
    }
}

extension JSON {
    fileprivate var path: [Hash]? { all(\.string).flatMap(EntryProof.hashes) }
}
