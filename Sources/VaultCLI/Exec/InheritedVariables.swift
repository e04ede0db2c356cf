/// Which variables of the vault's own environment a child is given.
enum InheritedVariables {
    /// The variables that this program reads: they say where the vault and its key are, and are never passed on.
    ///
    /// HashiCorp's (`VAULT_ADDR`, `VAULT_TOKEN`, …) are the user's, for the user's programs.
    static let ofTheVault = [
        "VAULT_CONNECT_TO", "VAULT_FILE", "VAULT_KEY_FILE", "VAULT_MEMBER", "VAULT_PASSPHRASE_FILE",
        "VAULT_REASON",
    ]

    /// What `--pristine` keeps: where programs, home and temporary files are, who the user is, and how text is shown.
    ///
    /// All the `LC_` variables are kept as well.
    static let pristineNames = [
        "PATH", "HOME", "TERM", "LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR",
    ]

    static func staysInPristine(_ name: String) -> Bool {
        pristineNames.contains(name) || name.hasPrefix("LC_")
    }
}
