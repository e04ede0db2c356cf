/// The variables of this process that a child inherits.
enum InheritedVariables {
    /// The variables that this program reads, which tell where the vault and its key are. A child never inherits them.
    ///
    /// HashiCorp's variables (`VAULT_ADDR`, `VAULT_TOKEN`, …) are inherited.
    static let ofTheVault = [
        "VAULT_CONNECT_TO", "VAULT_FILE", "VAULT_KEY_FILE", "VAULT_MEMBER", "VAULT_PASSPHRASE_FILE",
        "VAULT_REASON",
    ]

    /// The variables that `--pristine` keeps, besides all `LC_` variables.
    static let pristineNames = [
        "PATH", "HOME", "TERM", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR",
    ]

    static func staysInPristine(_ name: String) -> Bool {
        pristineNames.contains(name) || name.hasPrefix("LC_")
    }
}
