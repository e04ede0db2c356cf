import NIOCore
import Testing

@testable import VaultBroker

@Suite struct TokenAnswerTests {
    private func token(_ json: String) -> String? {
        (try? TokenAnswer(ByteBuffer(string: json)).checked(status: 200)).map(text)
    }

    @Test("reads the escapes of a token as JSON has them")
    func escapes() {
        #expect(token(#"{"access_token":"a\/b\"c\\d\u0065"}"#) == #"a/b"c\de"#)
    }

    @Test(
        "refuses a token with an escape that is no visible character, or none of JSON",
        arguments: [
            #"a\b"#, #"a\f"#, #"a\n"#, #"a\x41"#, #"a\'"#, #"a\u00e9"#, #"a\u0008"#, #"a\u00"#, #"a\u12x4"#,
        ])
    func refusedEscapes(value: String) {
        #expect(token(#"{"access_token":""# + value + #""}"#) == nil)
    }
}
