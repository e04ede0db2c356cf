import Testing

@testable import VaultRegistry

@Suite struct `The stored part of a secret` {
    let appKey: Field
    let apiKey: Field
    let clientKey: Field
    init() throws {
        appKey = try builtIn("celonis").field(named: "app-key")
        apiKey = try builtIn("celonis").field(named: "api-key")
        clientKey = try builtIn("postgresql").field(named: "certificate-key")
    }

    @Test(arguments: [
        "abc", " abc ", "abc\n", "\r\n\tabc\r\n", "AppKey abc", "appkey  abc", "APPKEY\tabc",
        "Authorization: AppKey abc",
        "authorization:AppKey abc\n", "AppKey AppKey abc", "\u{FEFF}abc\u{A0}", "\u{200B}abc\u{200B}\n",
    ]) func `excludes white space and prefixes that pasting adds`(pasted: String) {
        #expect(appKey.kept(pasted) == "abc")
    }

    @Test(arguments: ["a b c", "abc=", "AppKeyabc", "x AppKey abc", "****a", "a•"])
    func `includes every other byte`(secret: String) {
        #expect(appKey.kept(secret) == secret)
    }

    @Test func `is never a key of the other kind`() {
        for pasted in [
            "Bearer abc-CANARY", " bearer abc-CANARY", "Authorization: Bearer abc-CANARY", "Bearer ",
        ] {
            let problem = appKey.refusal(ofSecret: pasted)
            #expect(
                problem
                    == Problem(
                        field: "app-key", message: "App key can't begin with 'Bearer'",
                        hint: "set auth-type to token for an API key, or paste an App key"))
        }
        #expect(
            apiKey.refusal(ofSecret: "AppKey abc")?.message == "API key can't begin with 'AppKey'"
        )
        #expect(apiKey.kept("Bearer abc") == "abc")
    }

    @Test(arguments: [
        "*", "****", "***", "••••", "●●●●●●", "∙∙∙", "········", "**•*", " ****\n", "AppKey ****",
        "<redacted>",
        "<REDACTED>", "[Filtered]", "(sensitive value)", "＊＊＊", "…", "....…",
    ]) func `is never a mask`(mask: String) {
        let isMask = appKey.refusal(ofSecret: mask)?.message == "App key is a mask, not the secret"
        #expect(isMask == (mask != "....…"))
    }

    @Test func `is never empty, too long, multiline or with a NUL byte`() {
        // case 12
        func reason(_ secret: String, _ field: Field) -> String? {
            field.refusal(ofSecret: secret)?.message
        }
        #expect(reason("", appKey) == "App key can't be empty")
        #expect(reason(" \n ", appKey) == "App key can't be empty")
        #expect(reason("AppKey ", appKey) == "App key has a prefix but no value")
        #expect(reason("Authorization:", appKey) == "App key can't be empty")
        #expect(reason("a\u{0}b", appKey) == "App key can't contain a NUL byte")
        #expect(reason("a\nb", appKey) == "App key can't have more than one line")
        #expect(reason("a\rb", appKey) == "App key can't have more than one line")
        let long = String(repeating: "k", count: 8193)
        #expect(reason(long, appKey) == "App key can't be longer than 8192 bytes")
        #expect(appKey.kept(String(long.dropLast())) != nil)
    }

    @Test func `of a multiline secret includes its last line feed`() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
        #expect(clientKey.kept("\n  " + key) == key)
        #expect(clientKey.refusal(ofSecret: "a\u{0}")?.message == "Client key can't contain a NUL byte")
        #expect(clientKey.refusal(ofSecret: "\n \n")?.message == "Client key can't be empty")
    }

    @Test(arguments: [
        "Bearer CANARY", "CAN\nARY", "CANARY\u{0}", "CANARY\r\nCANARY", "AppKey Bearer CANARY",
    ]) func `is not in errors`(secret: String) throws {
        // case 51, for the errors of this module
        let problem = try #require(appKey.refusal(ofSecret: secret))
        #expect(!"\(problem)".contains("CAN"))
    }
}
