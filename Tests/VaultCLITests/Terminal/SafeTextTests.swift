import Testing
import VaultLedger

@testable import VaultCLI

// cases 52, 66, 67
@Suite struct SafeTextTests {
    @Test(arguments: [
        ("Celonis prod", "Celonis prod"),
        ("naïve 日本 🙂", "naïve 日本 🙂"),
        ("a\nvault: error: b", "a\\nvault: error: b"),
        ("a\r\tb\u{8}", "a\\r\\tb\\u{8}"),
        ("\u{1B}]52;c;aGk=\u{7}", "\\u{1B}]52;c;aGk=\\u{7}"),
        ("\u{7F}\u{9B}2J", "\\u{7F}\\u{9B}2J"),
        ("gpj\u{202E}exe\u{2066}", "gpj\\u{202E}exe\\u{2066}"),
        ("a\u{200B}b\u{FEFF}\u{AD}\u{2060}", "a\\u{200B}b\\u{FEFF}\\u{AD}\\u{2060}"),
        ("\u{3164}\u{E0041}\u{2800}", "\\u{3164}\\u{E0041}\\u{2800}"),
        ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
        ("\u{0}", "\\u{0}"),
    ])
    func `escapes characters that a terminal would interpret or hide`(_ text: String, _ safe: String) {
        #expect(SafeText.escaped(text) == safe)
        #expect(SafeText.escaped(safe) == safe)
        #expect(SafeText.escaped(bytes: Array(text.utf8)) == safe)
    }

    @Test func `escapes invalid UTF-8`() {
        #expect(
            SafeText.escaped(bytes: [0x61, 0xFF, 0xED, 0xA0, 0x80, 0xC3, 0xA9]) == "a\\xFF\\xED\\xA0\\x80é")
        #expect(SafeText.escaped(bytes: [0xF0, 0x9F, 0x99]) == "\\xF0\\x9F\\x99")
        #expect(SafeText.escaped(bytes: [0xC0, 0x8A]) == "\\xC0\\x8A")
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\\tx"), ("\rx", "'\\rx"),
        ("  =1", "\"'  =1\""),
        ("\u{FF1D}1", "'\u{FF1D}1"),
        ("a\nb", "a\\nb"),
        ("", ""),
    ])
    func `writes a CSV field on one line and never as a formula`(_ text: String, _ field: String) {
        #expect(SafeText.csvField(text) == field)
    }

    @Test func `writes JSON with sorted keys and escaped characters`() {
        let value = JSON.object([
            "b": .array([.null, .bool(true), .integer(-7)]), "a": .string("\"\\\n\u{1B}\u{202E}\u{E0041}é/"),
            "é": .null,
        ])
        #expect(
            value.safeText
                == #"{"a":"\"\\\n\u001b\u202e\udb40\udc41é/","b":[null,true,-7],"é":null}"#)
    }

    @Test func `computes the display width of text`() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("日本語") == 6)
        #expect(DisplayWidth.of("e\u{301}") == 1)
        #expect(DisplayWidth.of("é🙂") == 3)
        #expect(DisplayWidth.truncated("日本語", to: 4) == "日…")
        #expect(DisplayWidth.truncated("abc", to: 3) == "abc")
    }
}
