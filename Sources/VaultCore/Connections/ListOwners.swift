import VaultLedger
import VaultRegistry
import VaultStore

/// The connections or clients that a filter admits, in the order of their names.
///
/// - Throws: `invalid` for a search text without a word.
public struct ListOwners: StreamQuery {
    private let kind: OwnerKind
    private let filter: OwnerFilter

    /// Creates a query for the owners of a kind that `filter` admits; the default admits all.
    public init(_ kind: OwnerKind, _ filter: OwnerFilter = OwnerFilter()) {
        (self.kind, self.filter) = (kind, filter)
    }

    public func forEach(in vault: Vault, _ body: (Owner) throws -> Void) throws {
        var query = OwnerQuery(kind: kind.rawValue)
        query.connector = filter.connector
        query.tags = filter.tags.map { ($0.key, $0.value) }
        query.match = try filter.search.map(Self.expression)
        query.after = filter.after.map(Name.skeleton)
        query.limit = filter.limit
        try vault.read { rows in try rows.forEachOwner(query) { try body(try rows.view($0)) } }
    }

    /// A full-text expression that requires every word of a text, or a word that begins with it.
    private static func expression(_ text: String) throws(VaultError) -> String {
        let words = text.unicodeScalars.split {
            !$0.properties.isAlphabetic && $0.properties.numericType == nil
        }
        guard !words.isEmpty else {
            let message = "--search '\(text)' contains no word"
            let problem = Problem(field: nil, message: message, hint: "use a word, or its beginning")
            throw .input(.invalid([problem]))
        }
        return words.map { "\"" + String(String.UnicodeScalarView($0)) + "\"*" }.joined(separator: " AND ")
    }
}

/// The owners that `ListOwners` returns; nil admits all.
public struct OwnerFilter: Sendable, Codable {
    /// The name of their connector.
    public var connector: String?
    /// The tags that they all have.
    public var tags: [Owner.Tag] = []
    /// Text with words that each owner must contain, or the beginnings of such words.
    public var search: String?
    /// The maximum number of owners.
    public var limit: Int?
    /// The last name of the page before.
    public var after: String?

    /// Creates a filter that admits all owners.
    public init() {}
}
