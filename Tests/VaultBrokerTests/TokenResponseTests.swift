import NIOCore
import TestSupport
import Testing

@testable import VaultBroker

@Suite struct TokenResponseTests {
    private func token(_ json: String) -> String? {
        (try? TokenResponse(ByteBuffer(string: json)).checkedToken(status: 200)).map(text)
    }

    @Test("unescapes a token as JSON")
    func escapes() {
        #expect(token(#"{"access_token":"a\/b\"c\\d\u0065"}"#) == #"a/b"c\de"#)
    }

    @Test(
        "rejects a token with an escape that is invalid or not a visible character",
        arguments: [
            #"a\b"#, #"a\f"#, #"a\n"#, #"a\x41"#, #"a\'"#, #"a\u00e9"#, #"a\u0008"#, #"a\u00"#, #"a\u12x4"#,
        ])
    func refusedEscapes(value: String) {
        #expect(token(#"{"access_token":""# + value + #""}"#) == nil)
    }
}
