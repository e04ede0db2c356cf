import Foundation
import TestSupport
import Testing

@testable import VaultMasking

/// A secret as bash, Python, node, perl, SQLite and PyYAML write it, if they are installed.
@Suite(.dedicatedThread) struct MaskerWriterTests {
    private static let script = Repository.fixture("writers.py")

    private static func forms(of secret: String) throws -> [[String]] {
        let output = try Subprocess.run("python3", [script.path], input: secret).output
        return try JSONSerialization.jsonObject(with: output) as? [[String]] ?? []
    }

    @Test(
        "a secret is masked as other programs write it (case 111)",
        arguments: [
            "a,b#c=~d~e:~f", "#begins=with", "~begins:with/a@sign", "p@ss:w/rd?#[x]%20+y;z=1&v,$w!",
            "it's \"quoted\" `twice`, 'and' \"\" more", "<a href=\"x\">Tom & Jerry's</a>",
            "back\\slash\\\\'s end",
            "tab\tand^caret|pipe{brace}~x", "línea ñandú €100 «x» 鍵 😀", "Passw0rd!", "%PERCENT%41$dollar$$",
            "a b  c", "user:pa:ss@host/db", "*(){}[]<>|;&!?", "=~=~ ,,## ::", "plain-but.long_enough",
            "line one 'x'\nline two \"y\" & z\n",
        ])
    func writers(secret: String) throws {
        let forms = try Self.forms(of: secret)
        guard !forms.isEmpty else { return print("skipped: needs python3") }
        try #require(forms.count > 40)
        for form in forms {
            let output = masked(form[1], secrets: [secret])
            #expect(output.contains("*****"), "\(form[0]): \(form[1])")
            // No four adjacent letters of the secret remain.
            for start in secret.indices.dropLast(3) {
                let piece = secret[start...].prefix(4)
                guard piece.allSatisfy({ $0.isLetter || $0.isNumber }) else { continue }
                #expect(!output.contains(piece), "\(form[0]): \(form[1]) gave \(output)")
            }
        }
    }

    @Test("forms of other libraries, as they are documented, are masked (case 111)")
    func documented() {
        let secret = "a+b/c=d'e\"f`g<h>&i:j@k;l"
        for form in [
            // Go: url.UserPassword, PathEscape, html/template, encoding/xml
            "a+b%2Fc=d%27e%22f%60g%3Ch%3E&i%3Aj%40k;l", "a+b%2Fc=d%27e%22f%60g%3Ch%3E&i:j@k%3Bl",
            "a&#43;b/c=d&#39;e&#34;f`g&lt;h&gt;&amp;i:j@k;l", "a+b/c=d&#39;e&#34;f`g&lt;h&gt;&amp;i:j@k;l",
            // WHATWG user info
            "a+b%2Fc%3Dd'e%22f%60g%3Ch%3E&i%3Aj%40k%3Bl",
            // SQLAlchemy 2 and 1
            "a+b%2Fc%3Dd%27e%22f%60g%3Ch%3E%26i%3Aj%40k%3Bl", "a+b%2Fc=d'e\"f`g<h>&i%3Aj%40k;l",
            // PHP, mustache, OWASP, Handlebars, MarkupSafe
            "a+b/c=d&#039;e&quot;f`g&lt;h&gt;&amp;i:j@k;l",
            "a+b&#x2F;c&#x3D;d&#39;e&quot;f&#x60;g&lt;h&gt;&amp;i:j@k;l",
            "a+b&#x2F;c=d&#x27;e&quot;f`g&lt;h&gt;&amp;i:j@k;l",
            "a+b/c&#x3D;d&#x27;e&quot;f&#x60;g&lt;h&gt;&amp;i:j@k;l",
            "a+b/c=d&apos;e&quot;f`g&lt;h&gt;&amp;i:j@k;l",
            // By name
            "a&plus;b&sol;c&equals;d&apos;e&quot;f&grave;g&lt;h&gt;&amp;i&colon;j&commat;k&semi;l",
            // Quotes of SQL and CSV
            "a+b/c=d''e\"f`g<h>&i:j@k;l", "a+b/c=d'e\"\"f`g<h>&i:j@k;l", "a+b/c=d\\'e\\\"f`g<h>&i:j@k;l",
        ] { #expect(masked("<\(form)>", secrets: [secret]) == "<*****>", "\(form)") }
    }
}
