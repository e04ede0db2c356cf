import Testing

@testable import VaultRegistry

@Suite struct `What is kept of a secret` {
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
    ]) func `is the key without what pasting adds`(pasted: String) {
        #expect(appKey.kept(pasted) == "abc")
    }

    @Test(arguments: ["a b c", "abc=", "AppKeyabc", "x AppKey abc", "****a", "a•"])
    func `is otherwise every byte`(secret: String) {
        #expect(appKey.kept(secret) == secret)
    }

    @Test func `is not the other kind of key`() {
        for pasted in [
            "Bearer abc-CANARY", " bearer abc-CANARY", "Authorization: Bearer abc-CANARY", "Bearer ",
        ] {
            let problem = appKey.refusal(ofSecret: pasted)
            #expect(
                problem?.message
                    == "the value for app-key is refused: it begins with 'Bearer': that is how an API key is sent, "
                    + "so set auth-type to token, or give the App key")
        }
        #expect(
            apiKey.refusal(ofSecret: "AppKey abc")?.message.contains("that is how an App key is sent") == true
        )
        #expect(apiKey.kept("Bearer abc") == "abc")
    }

    @Test(arguments: [
        "*", "****", "***", "••••", "●●●●●●", "∙∙∙", "········", "**•*", " ****\n", "AppKey ****",
        "<redacted>",
        "<REDACTED>", "[Filtered]", "(sensitive value)", "＊＊＊", "…", "....…",
    ]) func `is not a mask`(mask: String) {
        let isMask = appKey.refusal(ofSecret: mask)?.message.contains("it is a mask") == true
        #expect(isMask == (mask != "....…"))
    }

    @Test func `is not nothing, too long, of two lines, or with NUL`() {
        // case 12
        func reason(_ secret: String, _ field: Field) -> String? {
            field.refusal(ofSecret: secret)?.message.replacing(
                "the value for \(field.key) is refused: ", with: "")
        }
        #expect(reason("", appKey) == "it is empty")
        #expect(reason(" \n ", appKey) == "it is empty")
        #expect(reason("AppKey ", appKey) == "it is only the prefix, without the secret")
        #expect(reason("Authorization:", appKey) == "it is empty")
        #expect(reason("a\u{0}b", appKey) == "it has a NUL byte")
        #expect(reason("a\nb", appKey) == "it has more than one line")
        #expect(reason("a\rb", appKey) == "it has more than one line")
        let long = String(repeating: "k", count: 8193)
        #expect(reason(long, appKey) == "it is longer than 8192 bytes")
        #expect(appKey.kept(String(long.dropLast())) != nil)
    }

    @Test func `of many lines is kept to its last line feed`() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
        #expect(clientKey.kept("\n  " + key) == key)
        #expect(clientKey.refusal(ofSecret: "a\u{0}")?.message.hasSuffix("it has a NUL byte") == true)
        #expect(clientKey.refusal(ofSecret: "\n \n")?.message.hasSuffix("it is empty") == true)
    }

    @Test(arguments: [
        "Bearer CANARY", "CAN\nARY", "CANARY\u{0}", "CANARY\r\nCANARY", "AppKey Bearer CANARY",
    ]) func `is in no error`(secret: String) throws {
        // case 51, for the errors of this room
        let problem = try #require(appKey.refusal(ofSecret: secret))
        #expect(!"\(problem)".contains("CAN"))
    }
}
