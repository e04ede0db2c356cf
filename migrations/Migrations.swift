/// The migrations from each schema version of a vault's file to the next, oldest first, and the resulting schema.
///
/// A released migration never changes; a new schema version is a new migration. `schema` is the SQL that SQLite stores
/// in a migrated file (`make schema` writes it, and a test compares it). A file with any other schema is refused.
public enum Migrations {
    public static let steps: [String] = [
        text(PackageResources.m0001_create_vault_sql), text(PackageResources.m0002_find_deposits_sql),
        text(PackageResources.m0003_rotate_credentials_sql),
        text(PackageResources.m0004_keep_tests_sql), text(PackageResources.m0005_count_entries_sql),
        text(PackageResources.m0006_keep_digest_lists_sql),
    ]

    public static let schema: String = text(PackageResources.schema_sql)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
