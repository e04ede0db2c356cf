import Testing

@testable import VaultRegistry

@Suite struct `Hosts` {
    @Test(arguments: [
        ("celigo.us-1.celonis.cloud", "celigo.us-1.celonis.cloud"),
        ("https://celigo.us-1.celonis.cloud/", "celigo.us-1.celonis.cloud"),
        ("  HTTPS://Celigo.US-1.Celonis.Cloud/ui?x=1#y \n", "celigo.us-1.celonis.cloud"),
        ("http://celigo.celonis.cloud", "celigo.celonis.cloud"),
        ("http://celigo.celonis.cloud:80/", "celigo.celonis.cloud"),
        ("https://celigo.celonis.cloud:443/a@b", "celigo.celonis.cloud"),
        ("celigo.celonis.cloud.", "celigo.celonis.cloud"),
        ("celigo.celonis.cloud/path", "celigo.celonis.cloud"),
        ("\u{FEFF}celigo.celonis.cloud\u{A0}", "celigo.celonis.cloud"),
    ]) func `are extracted from pasted addresses`(pasted: String, host: String) throws {
        #expect(try builtIn("celonis").stored(pasted, in: "domain") == host)
    }

    @Test(arguments: [
        ("https://good.celonis.cloud@evil.com/", "the URL contains '@'"),
        ("good.celonis.cloud:pw@evil.com", "the URL contains '@'"),
        ("https://a.celonis.cloud:8443/", "the URL has a port"),
        ("http://a.celonis.cloud:443/", "the URL has a port"),
        ("https://evil.com\\.celonis.cloud", "the URL contains a backslash"),
        ("https://сelonis.celonis.cloud", "the host contains the character U+0441"),
        ("https://a.celonis.cloud。evil.com", "the host contains the character U+3002"),
        ("https://ａ.celonis.cloud", "the host contains the character U+FF41"),
        ("ftp://a.celonis.cloud", "the URL must begin with https://"),
        ("javascript://a.celonis.cloud", "the URL must begin with https://"),
        ("https:/a.celonis.cloud", "invalid port after the host"),
        ("mailto:a.celonis.cloud", "invalid port after the host"),
        ("a.celonis.cloud:0", "invalid port after the host"),
        ("a.celonis.cloud:99999", "invalid port after the host"),
        ("https:///path", "the URL has no host"),
        ("//a.celonis.cloud", "the URL has no host"),
        ("a..celonis.cloud", "invalid host name"),
        ("-a.celonis.cloud", "invalid host name"),
        ("a-.celonis.cloud", "invalid host name"),
        ("a_b.celonis.cloud", "invalid host name"),
        ("a b.celonis.cloud", "invalid host name"),
        ("a%2e.celonis.cloud", "invalid host name"),
        ("2130706433", "invalid host name"),
        ("0x7f.1", "invalid host name"),
        ("127.0.0.0x1", "invalid host name"),
        ("127.1", "invalid host name"),
        ("010.0.0.1", "invalid host name"),
        ("256.0.0.1", "invalid host name"),
        ("[127.0.0.1]", "the brackets don't contain an IPv6 address"),
        ("[::1]x", "invalid port after the host"),
        ("1:2:3", "invalid host name"),
        ("a.celonis.cloud\u{200B}", "domain contains the invisible character U+200B"),
        ("a.celonis\u{0}.cloud", "domain contains the invisible character U+0000"),
        ("a.celonis.cloud\nb.celonis.cloud", "domain has more than one line"),
    ]) func `that are ambiguous are rejected`(pasted: String, reason: String) throws {
        // case 79
        let message = try #require(builtIn("celonis").refusal(pasted, in: "domain")?.message)
        #expect(message.hasPrefix(reason), "\(message)")
        #expect(!message.contains("pw"))
    }

    @Test func `have at most 253 bytes, and labels of at most 63`() {
        let label = String(repeating: "a", count: 63)
        #expect(Host.isName("\(label).com"))
        #expect(!Host.isName("\(label)a.com"))
        let long = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(long.utf8.count == 253 && Host.isName(long))
        #expect(!Host.isName(long + "b"))
        #expect(!Host.isName("") && !Host.isName("UPPER.com"))
        #expect(Host.isName("xn--bcher-kva.example") && Host.isName("localhost"))
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("[2001:db8::1]", "2001:db8::1"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:1:0:0:0:1:0", "0:0:1::1:0"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("::ffff:192.0.2.1", "::ffff:c000:201"),
        ("https://[::1]:443/", "::1"),
    ]) func `can be addresses, in canonical form`(pasted: String, host: String) throws {
        #expect(try builtIn("http").stored(pasted, in: "domain") == host)
    }

    @Test(arguments: [
        ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1%eth0",
        "1:2:3:4:5:6:7:8::",
        "::1.2.3", ":1:2:3:4:5:6:7", "::ffff:1.2.3.256", "+1::",
    ]) func `are not malformed addresses`(text: String) {
        #expect(Host.address(text) == nil)
    }
}

@Suite struct `Host patterns` {
    @Test(arguments: [
        ("*.celonis.cloud", "a.celonis.cloud", true), ("*.celonis.cloud", "a.us-1.celonis.cloud", true),
        ("*.celonis.cloud", "A.CELONIS.CLOUD", true), ("*.celonis.cloud", "celonis.cloud", false),
        ("*.celonis.cloud", "acelonis.cloud", false), ("*.celonis.cloud", ".celonis.cloud", false),
        ("*.celonis.cloud", "a.celonis.cloud.evil.com", false),
        ("*.celonis.cloud", "a.celonis.cloud.", false),
        ("*.celonis.cloud", "x@a.celonis.cloud", false),
        ("*.celonis.cloud", "evil.com/.celonis.cloud", false),
        ("*.celonis.cloud", "a.celonis.cloud:8443", false), ("*.celonis.cloud", "а.celonis.cloud", false),
        ("slack.com", "slack.com", true), ("slack.com", "api.slack.com", false), ("*", "anything.org", true),
        ("*", "10.0.0.1", false), ("*", "::1", false), ("*", "2130706433", false), ("<ip>", "10.0.0.1", true),
        ("<ip>", "::1", true), ("<ip>", "0:0:0:0:0:0:0:1", false), ("<ip>", "a.com", false),
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("::1", "::1", true),
        ("<loopback>", "localhost", true), ("<loopback>", "127.9.9.9", true), ("<loopback>", "::1", true),
        ("<loopback>", "localhost.evil.com", false), ("<loopback>", "128.0.0.1", false),
    ]) func `match only hosts, by whole labels`(pattern: String, host: String, matches: Bool) throws {
        // case 79
        #expect(try #require(HostPattern(pattern)).matches(host) == matches)
    }

    @Test(arguments: [
        "", "*.com", "*.", "a.*.com", "**.a.com", "https://a.com", "a.com:80", "*a.com", "A.com", "ä.com",
        "1.2.3",
        "10.0.0.01", "0:0::1", "<any>",
    ]) func `that are malformed are rejected`(text: String) {
        #expect(HostPattern(text) == nil)
    }
}
