public import VaultCrypto
import VaultText

/// A proof of one entry for someone with the founder's key and no vault.
///
/// The text form is a C2SP tlog-proof with this project's data in the `extra` line (docs/format.md, section 14). See
/// `verified(founderKey:trusting:)` for what it proves.
public struct EntryProof: Sendable, Equatable {
    /// The number of the proved entry, which is one of the steps.
    public let index: UInt64
    /// The inclusion path of the entry in the checkpoint's tree.
    public let path: [Hash]
    /// The signed checkpoint.
    public let checkpoint: SignedNote
    /// Entries in order: the first one, those that added the signers as members, and the proved one.
    public let steps: [Step]
    /// Consistency proofs from older sizes to the checkpoint.
    let earlier: [EarlierTree]

    /// Creates a proof.
    public init(
        index: UInt64, path: [Hash], checkpoint: SignedNote, steps: [Step], earlier: [EarlierTree] = []
    ) {
        self.index = index
        self.path = path
        self.checkpoint = checkpoint
        self.steps = steps
        self.earlier = earlier
    }

    /// An entry with the head that its author signed.
    public struct Step: Sendable, Equatable {
        /// The bytes of the entry.
        public let entry: [UInt8]
        /// The first head over the entry.
        public let head: SignedNote
        /// The inclusion path of the entry in the head's tree.
        public let path: [Hash]
        /// The consistency proof from the head to the checkpoint.
        public let consistency: [Hash]

        /// Creates a step.
        public init(entry: [UInt8], head: SignedNote, path: [Hash], consistency: [Hash]) {
            self.entry = entry
            self.head = head
            self.path = path
            self.consistency = consistency
        }
    }

    /// The consistency proof from the tree of `size` entries to the checkpoint's.
    public struct EarlierTree: Sendable, Equatable {
        /// The number of entries.
        public let size: UInt64
        /// The consistency proof.
        public let path: [Hash]

        /// Creates a consistency proof.
        public init(size: UInt64, path: [Hash]) {
            self.size = size
            self.path = path
        }
    }
}

extension EntryProof {
    static let title = "c2sp.org/tlog-proof@v1"
    static let maximumSteps = 1000

    /// The proof as text.
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

    /// Parses a proof; `nil` for any text that `encoded` would not produce.
    public init?(encoded: String) {
        guard let gap = encoded.firstRange(of: "\n\n") else { return nil }
        let lines = encoded[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0] == Self.title, lines[1].hasPrefix("extra "),
            lines[2].hasPrefix("index "), let index = UInt64(lines[2].dropFirst("index ".count)),
            lines[2] == "index \(index)",
            let bytes = Base64.decode(lines[1].dropFirst("extra ".count)), let extra = try? JSON.parse(bytes),
            let path = Self.hashes(lines.dropFirst(3).map(String.init)),
            let checkpoint = SignedNote(encoded: String(encoded[gap.upperBound...])),
            let steps = extra["steps"]?.all(Step.init), !steps.isEmpty, steps.count <= Self.maximumSteps,
            let earlier = extra["earlier"]?.all(EarlierTree.init)
        else { return nil }
        self.init(index: index, path: path, checkpoint: checkpoint, steps: steps, earlier: earlier)
        // A proof has only one text: no other spelling of a key, no other member or line.
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

extension EntryProof.EarlierTree {
    init?(_ json: JSON) {
        guard let size = json["size"]?.integer, size > 0, let path = json["path"]?.path else { return nil }
        self.init(size: UInt64(size), path: path)
    }
}

extension JSON {
    fileprivate var path: [Hash]? { all(\.string).flatMap(EntryProof.hashes) }
}
