import TestSupport
import Testing
import VaultText

@testable import VaultCrypto

@Suite struct EncodingTests {
    // case 7
    @Test func `different lists of pieces have different encodings`() {
        let pieces: [[PAE.Piece]] = [
            [], [.text("")], [.text(""), .text("")], [.text("a:b"), .text("c")], [.text("a"), .text("b:c")],
            [.text("a:bc")], [.list([.text("a:b"), .text("c")])], [.list([]), .text("c")],
            [.list([.text("c")])], [.text("c"), .list([])],
        ]
        #expect(Set(pieces.map { PAE.encode($0) }).count == pieces.count)
        #expect(
            PAE.encode(.text("a"), .number(258)) == hex("0200000000000000010000000000000061")
                + hex("08000000000000000201000000000000"))
        #expect(PAE.encode(.bytes([0x61])) == PAE.encode([.text("a")]))
    }

    // case 7
    @Test func `adjacent fields of an address are not ambiguous`() {
        var (one, other) = (Sample.address, Sample.address)
        (one.owner, one.field) = (Array("owner".utf8), "field")
        (other.owner, other.field) = (Array("ownerf".utf8), "ield")
        #expect(one.aad != other.aad)
        for other in Sample.otherAddresses { #expect(other.aad != Sample.address.aad) }
    }

    @Test func `the associated data of an address encodes its fields in order`() {
        let address = Sample.address
        #expect(
            address.aad
                == PAE.encode(
                    .text("vault/secret"), .bytes(address.vault), .bytes(address.owner), .text("app-key"),
                    .number(3), .number(2), .bytes(address.settingsDigest)))
    }

    @Test func `a settings digest depends on everything except the order`() {
        typealias Setting = (key: String, value: PAE.Piece)
        func digest(_ connector: String, _ name: String, _ settings: Setting...) -> [UInt8] {
            SettingsDigest.of(connector: connector, name: name, settings: settings)
        }
        let host: Setting = ("host", .text("a"))
        let scopes: Setting = ("scopes", .list([.text("x"), .text("y")]))
        let reference = digest("http", "n", host, scopes)
        #expect(reference == digest("http", "n", scopes, host))
        let others = [
            digest("htt", "n", host, scopes), digest("http", "m", host, scopes), digest("http", "n", host),
            digest("http", "n", ("host", .text("b")), scopes),
            digest("http", "n", ("hos", .text("a")), scopes),
            digest("http", "n", host, ("scopes", .list([.text("y"), .text("x")]))),
            digest("http", "n", host, ("scopes", .list([.text("xy")]))),
            digest("http", "n", host, ("scopes", .text("x"))),
            digest("http", "n", ("host", .list([.text("a")])), scopes),
        ]
        #expect(Set(others + [reference]).count == others.count + 1)
        let pieces = PAE.encode(
            .text("http"), .text("Zeta"), .text("1"), .text("name"), .text("n"), .text("zeta"), .text("2"))
        #expect(
            digest("http", "n", ("zeta", .text("2")), ("Zeta", .text("1"))) == Digest.blake2b256(pieces),
            "byte order: upper case first")
    }

    @Test func `digests match published vectors`() {
        // FIPS 180-4, RFC 7693 (BLAKE2b-256 of "abc", by Python's hashlib)
        let abc = Array("abc".utf8)
        let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Hex.encode(Digest.sha256(abc)) == sha)
        #expect(Digest.sha256([0x61], [], [0x62, 0x63]) == hex(sha))
        #expect(Digest.sha256() == hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        #expect(
            Hex.encode(Digest.blake2b256(abc))
                == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
    }

    @Test func `hashes of leaves and nodes include the prefix`() throws {
        for length in [0, 1, 54, 55, 56, 63, 64, 400, 1100, 5000] {
            let bytes = Randomness.bytes(length)
            let leaf = unsafe bytes.withUnsafeBytes { unsafe Digest.sha256(prefix: 0, $0) }
            #expect(leaf.bytes == Digest.sha256([0], bytes))
            let right = try #require(Hash(Randomness.bytes(32)))
            let node = Digest.sha256(prefix: 1, left: leaf, right: right)
            #expect(node.bytes == Digest.sha256([1], leaf.bytes, right.bytes))
        }
    }

    @Test func `a hash keeps its 32 bytes`() throws {
        let hash = try #require(Hash([UInt8](0..<32)))
        #expect(hash.bytes == Array(0..<32))
        #expect(hash.hex == Hex.encode([UInt8](0..<32)) && "\(hash)" == hash.hex)
        #expect(Hash([UInt8](0..<31)) == nil && Hash([UInt8](0..<33)) == nil)
        #expect(Hash().bytes == [UInt8](repeating: 0, count: 32))
        for index in 0..<32 { #expect(Hash(Array(0..<32).flipping(byte: index)) != hash) }
        #expect(Set([hash, hash, Hash()]).count == 2)
        #expect(MemoryLayout<Hash>.stride == 32)
    }

    @Test func `hexadecimal text round-trips and invalid text is rejected`() {
        #expect(Hex.encode([0, 0x0f, 0xa5, 0xff]) == "000fa5ff")
        #expect(Hex.decode("000fA5Ff") == [0, 0x0f, 0xa5, 0xff])
        #expect(Hex.decode("") == [])
        for wrong in ["0", "0g", "g0", " 00", "0x00", "é0"] { #expect(Hex.decode(wrong) == nil) }
    }

    @Test func `base64 accepts exactly one text for each value`() {
        // RFC 4648, section 10
        for (plain, text) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
        }
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(all)) == all)
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=" && Base64.decode("+/8=") == [0xfb, 0xff])
        let invalid = [
            "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "=m9v", "Zg==Zg==", "Zm 9", "Zm9v\n", "_-8=", "Zm=v",
        ]
        for wrong in invalid { #expect(Base64.decode(wrong) == nil, "\(wrong)") }
    }

    @Test func `a derivation matches Python's BLAKE2b with the purpose as person`() {
        let derived = Derivation.sign.secret(from: secretBytes(Sample.key))
        #expect(bytes(derived) == hex("5dfb7c1643b032d1acb48d9dc2390eb87bcf63336c7d90b55ea107417fe2c563"))
    }
}
