import ArgumentParser

/// The options of `member add`: the new member's credential.
struct NewMemberOptions: ParsableArguments {
    @Option(help: .init("Add the member who made this request (vault member request).", valueName: "file"))
    var request: String?

    @Option(help: .init("The new member's key file; created if it does not exist.", valueName: "path"))
    var keyFile: String?

    @Option(
        help: .init(
            "The new member's first passphrase, which they must replace when they first unlock.",
            valueName: "source"))
    var passphraseFrom: String?
}
