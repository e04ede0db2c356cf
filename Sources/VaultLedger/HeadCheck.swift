import VaultCrypto
import VaultText

/// The check of a head's note and signature, after its entries were read.
public struct HeadCheck: Sendable {
    let note: String
    let expected: Checkpoint
    let first: UInt64
    let author: String
    var key: [UInt8]

    /// Checks that the note is the checkpoint of the entries, signed by their author.
    ///
    /// - Throws: `LedgerError.malformedHead`, `.headOutOfPlace`, `.otherVault`, `.altered` or `.badSignature`.
    public func run() throws(LedgerError) {
        if isSignedAsWritten { return }
        guard try readNote().isSigned(by: author, publicKey: key) else {
            throw .badSignature(size: expected.size, name: author)
        }
    }

    /// Whether the note is exactly what this program writes: the text and one signature by the author. Parsing a note costs
    /// a third of verifying its signature, so only other notes are parsed.
    private var isSignedAsWritten: Bool {
        let text = Array(expected.text.utf8)
        let beginning = text + Array("\n— \(author) ".utf8)
        let bytes = Array(note.utf8)
        guard bytes.starts(with: beginning), bytes.last == 0x0a, bytes.count > beginning.count,
            let blob = Base64.decode(
                String(decoding: bytes[beginning.count..<bytes.count - 1], as: UTF8.self)),
            blob.count == 68, blob.starts(with: SignedNote.keyID(name: author, publicKey: key))
        else { return false }
        return Ed25519.verify(Array(blob[4...]), of: text, by: key)
    }

    func readNote() throws(LedgerError) -> SignedNote {
        guard let note = SignedNote(encoded: note), let checkpoint = Checkpoint(text: note.text) else {
            throw .malformedHead(size: expected.size)
        }
        guard checkpoint.size == expected.size else {
            throw .headOutOfPlace(size: checkpoint.size, entries: expected.size)
        }
        guard checkpoint.vault == expected.vault else { throw .otherVault(size: checkpoint.size) }
        guard checkpoint.root == expected.root else { throw .altered(from: first, size: checkpoint.size) }
        return note
    }
}
