/// The steps that bring the file of a vault to the newest form, oldest first, and the form they lead to.
///
/// A step that was released never changes; a new form is a new step. `schema` is what SQLite tells of a file after
/// all steps (`make schema` writes it, a test holds it against the steps): a file that tells anything else is refused.
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
