import Testing

@testable import VaultRegistry

private func refusal(_ name: String) -> Problem? {
    do throws(Problem) {
        try Name.check(name)
        return nil
    } catch {
        return error
    }
}

@Suite struct `Names` {
    @Test(arguments: [
        "Celonis prod", "x", "Größe – Übersicht", "東京の接続", "prod/eu", "a.b", "#1 (old)", "Ωμέγα", "e😀", "a-b",
        "…", "a's \"b\"", "../x".replacing("../", with: ".../"),
    ]) func `can have letters, digits and symbols of any script`(name: String) {
        #expect(refusal(name) == nil)
        #expect(Name.canonical(name) == name)
    }

    @Test(arguments: [
        ("", "a name can't be empty"), (" a", "the name begins or ends with a space"),
        ("a ", "the name begins or ends with a space"),
        ("a  b", "the name has two spaces in a row"), ("-x", "a name can't begin with '-'"),
        ("--help", "a name can't begin with '-'"), ("../", "the name contains the path component"),
        ("a/../b", "the name contains the path component"),
        (".", "the name contains the path component"), ("..", "the name contains the path component"),
        ("a\u{0}b", "the name contains the control character U+0000"),
        ("a\u{1B}[31m", "the name contains the control character U+001B"),
        ("a\rb", "the name contains the control character U+000D"),
        ("a\u{8}", "the name contains the control character U+0008"),
        ("a\nb", "the name contains the control character U+000A"),
        ("a\u{9B}b", "the name contains the control character U+009B"),
        ("a\u{7F}", "the name contains the control character U+007F"),
        ("a\u{202E}b", "the name contains the text direction character U+202E"),
        ("a\u{2066}b", "the name contains the text direction character U+2066"),
        ("a\u{200B}b", "the name contains the invisible character U+200B"),
        ("a\u{200D}b", "the name contains the invisible character U+200D"),
        ("a\u{FEFF}b", "the name contains the invisible character U+FEFF"),
        ("a\u{FE0F}b", "the name contains the invisible character U+FE0F"),
        ("a\u{3164}b", "the name contains the invisible character U+3164"),
        ("a\u{AD}b", "the name contains the invisible character U+00AD"),
        ("a\u{E0041}b", "the name contains the invisible character U+E0041"),
        ("a\u{A0}b", "the name contains the unusual space U+00A0"),
        ("a\u{3000}b", "the name contains the unusual space U+3000"),
        ("a\u{2028}b", "the name contains the unusual space U+2028"),
        ("a\u{E000}b", "the name contains the private or unassigned character U+E000"),
        ("a\u{0378}b", "the name contains the private or unassigned character U+0378"),
        ("e\u{301}", "the name has accents as separate characters"),
        ("\u{301}a", "the name has combining marks without a letter"),
        ("a\u{300}\u{301}\u{302}\u{303}", "the name has combining marks without a letter"),
    ]) func `that are unsafe are rejected`(name: String, reason: String) throws {
        // cases 66, 67, 68
        let problem = try #require(refusal(name))
        #expect(problem.message.hasPrefix(reason), "\(problem.message)")
        #expect(problem.field == "name")
    }

    @Test func `have 1 to 100 characters as a person counts them`() {
        #expect(refusal(String(repeating: "é", count: 100)) == nil)
        #expect(refusal(String(repeating: "é", count: 101)) != nil)
        // case 68
        #expect(
            refusal(String(repeating: "a", count: 10_000_000))?.message.contains("longer than 100") == true)
        #expect(refusal("a" + String(repeating: "\u{301}", count: 500))?.message.contains("longer") == true)
    }

    @Test func `are composed and trimmed`() {
        #expect(Name.canonical(" Cafe\u{301} \n").unicodeScalars.map(\.value) == [67, 97, 102, 233])
        #expect(refusal(Name.canonical("e\u{301}")) == nil)
        let huge = String(repeating: "e\u{301}", count: 1_000_000)
        #expect(Name.canonical(huge).utf8.count == huge.utf8.count)
    }

    @Test func `that the user probably meant are found`() {
        let names = ["Celonis prod", "Celonis test", "Postgres", "api-key", "app-key", "domain"]
        #expect(Name.nearest(to: "celonis prdo", among: names, limit: 1) == ["Celonis prod"])
        #expect(Name.nearest(to: "Celonis", among: names, limit: 5) == ["Celonis prod", "Celonis test"])
        #expect(Name.nearest(to: "doamin", among: names, limit: 3) == ["domain"])
        #expect(Name.nearest(to: "apikey", among: names, limit: 3) == ["api-key", "app-key"])
        #expect(Name.nearest(to: "zzz", among: names, limit: 3) == [])
        #expect(Name.nearest(to: "", among: names, limit: 3) == [])
        #expect(Name.nearest(to: "domain", among: names, limit: 0) == [])
        #expect(Name.nearest(to: "x", among: ["y"], limit: 1) == [])
        #expect(Name.nearest(to: String(repeating: "a", count: 1_000_000), among: names, limit: 1) == [])
    }
}

@Suite struct `Skeletons` {
    @Test(arguments: [
        ("Celonis prod", "celonis PROD"), ("Celonis", "Ceionis"), ("Celonis", "Ce1onis"),
        ("Celonis", "CeIonis"),
        ("Celonis", "Сelonis"), ("Celonis", "Cеlоnіs"), ("PROD", "РRОD"), ("prod 0", "prod O"),
        ("modern", "modem"), ("vvest", "west"), ("Celonis", "Ｃｅｌｏｎｉｓ"), ("Celonis", "𝐂𝐞𝐥𝐨𝐧𝐢𝐬"),
        ("Celonis", "𝒞ℯ𝓁ℴ𝓃𝒾𝓈"), ("file", "ﬁle"), ("Alpha", "Αlpha"), ("No 1", "No ①"), ("x2", "x²"),
        ("x2", "x₂"),
        ("a-b", "a–b"), ("a-b", "a‐b"), ("it's", "it’s"), ("a:b", "a∶b"), ("a/b", "a⁄b"),
        ("Café", "Cafe\u{301}"),
        ("Straße", "STRASSE"), ("Ворон", "ворон"), ("IV", "Ⅳ"), ("abc", "ⓐⓑⓒ"), ("abc", "ꓮꓐꓚ"), ("lo", "ǀo"),
        ("İstanbul", "i\u{307}stanbul"), ("K", "\u{212A}"), ("Å", "\u{212B}"), ("oslo", "øslo"),
        ("a|b", "alb"),
    ]) func `are equal for names that look the same`(first: String, second: String) {
        // case 67
        #expect(Name.skeleton(of: first) == Name.skeleton(of: second), "\(Name.skeleton(of: first))")
    }

    @Test func `differ for names that look different`() {
        let names = [
            "Celonis prod", "Celonis test", "Celonis prod 2", "Celonis-prod", "Celonis_prod", "Celonisprod",
            "Café",
            "Cafe", "東京", "京東", "a.b", "ab", "prod 1", "prod 2", "prod 10", "prod 100",
        ]
        #expect(Set(names.map(Name.skeleton)).count == names.count)
        let numbers = (0..<3000).map { "connection \($0)" }
        #expect(Set(numbers.map(Name.skeleton)).count == numbers.count)
    }

    /// They are stored as keys. With other skeletons, existing vaults would accept names that look the same.
    @Test func `never change`() {
        #expect(Name.skeleton(of: "Celonis PROD 10") == "celonls prod lo")
        #expect(Name.skeleton(of: "Intern vv") == "lntem w")
        #expect(Name.skeleton(of: "Größe “x” – Ω") == "gro\u{308}sse 'x' - w")
        #expect(Name.skeleton(of: "東京") == "東京")
        #expect(Name.skeleton(of: "") == "")
    }

    @Test func `are the same from bytes and from characters`() {
        for value in UInt8(0x20)...0x7E {
            let ascii = String(Unicode.Scalar(value))
            #expect(Name.skeleton(of: ascii + "é") == Name.skeleton(of: ascii) + "e\u{301}")
        }
        for text in ["rn", "vvv", "RN", "rnrn", "!1|I"] {
            #expect(Name.skeleton(of: text + "é") == Name.skeleton(of: text) + "e\u{301}")
        }
    }

    @Test func `have a table without duplicates`() {
        var seen: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (look, like) in Confusables.rows {
            // A missing character would shift all that follow.
            #expect(look.unicodeScalars.count == like.unicodeScalars.count)
            for (scalar, latin) in zip(look.unicodeScalars, like.unicodeScalars) {
                let other = seen.updateValue(latin, forKey: scalar)
                #expect(other == nil || other == latin)
            }
        }
    }
}
