import Testing
import VaultCore
import VaultLedger
import VaultMemory

@testable import VaultWire

@Suite struct CoderTests {
    private static func secret(_ text: String) -> SharedSecret {
        var text = text
        return text.withUTF8 { unsafe SharedSecret(SecretBytes(copying: UnsafeRawBufferPointer($0))) }
    }

    // case 55
    @Test func `a secret travels beside the text, and comes back`() throws {
        let draft = OwnerDraft(
            .connection, connector: "http", name: "Wéb \"1\"\n", settings: ["domain": ["a", "b"]],
            secrets: ["token": Self.secret("first-secret"), "password": Self.secret("second-secret")],
            tags: [Owner.Tag(key: "env", value: "prod")], note: "")
        let frame = try Frame(.answer, draft)
        let text = String(decoding: frame.header, as: UTF8.self)
        #expect(!text.contains("secret\""))
        #expect(frame.secrets.count == 2)
        let read: OwnerDraft = try frame.value()
        #expect(read.name == draft.name && read.settings == draft.settings && read.tags == draft.tags)
        for (field, secret) in draft.secrets {
            #expect(SecretBytes.equal(secret.bytes, try #require(read.secrets[field]).bytes))
        }
    }

    @Test(arguments: [
        VaultError.noLongerMember(name: "ana"), .rotationUnderWay,
        .rolledBack(seen: 7, at: Timestamp(seconds: 1_700_000_000), found: 3),
        .ledger(.notAllowed(seq: 4, name: "bo", role: .writer, action: .execConnection)),
        .verificationFailed([
            .secretStale(owner: "a", field: "b", found: 1, signed: 2), .treeDamaged(size: 9),
        ]),
        .rowsNotResealed(["x: token"], left: 1), .agent(.otherMember(open: "ana", wanted: "bo")),
        .memberNotNamed(members: []), .rotationStopped(epoch: 2, because: .full(path: "/x")),
        .unsafePath(path: "/x", why: "y", mend: nil),
    ])
    func `a failure comes back as the one that it was`(_ error: VaultError) throws {
        #expect(try Frame(.failure, error).value(VaultError.self) == error)
    }

    @Test(arguments: [
        Notice.firstContact(entries: 3), .progress(.sealing, done: 1, of: 2),
        .logNotEmptied(.busy(path: "/a")),
        .anchorNotKept(.io(path: "/a", why: "b")), .savedDespite(.full(path: "/a")), .mustWait(seconds: 4),
    ])
    func `a notice comes back as the one that it was`(_ notice: Notice) throws {
        #expect(try Frame(.notice, notice).value(Notice.self) == notice)
    }

    @Test func `a question says its name, who asks and why, and keeps its secret apart`() throws {
        let question = SetSecret("token", of: "Web", to: Self.secret("a-secret"))
        let operation = Identifier(bytes: [UInt8](repeating: 7, count: 16))
        let frame = try Frame(
            asking: question, member: "ana", reason: "because", operation: operation)
        let asking = try frame.asking()
        #expect(asking.operation == operation)
        #expect(asking.name == "SetSecret" && asking.member == "ana" && asking.reason == "because")
        #expect(frame.secrets.count == 1)
        #expect(!String(decoding: frame.header, as: UTF8.self).contains("a-secret"))
        _ = try frame.question(SetSecret.self)
    }

    @Test(arguments: ["", "[]", "{}", #"{"value":{}}"#, #"{"asking":{"name":1}}"#, "{\"asking\":{}}"])
    func `a header that says something else is malformed, and no more`(_ text: String) {
        let frame = Frame(.question, header: Array(text.utf8))
        #expect(throws: AgentFault.malformed) { try frame.asking() }
        #expect(throws: AgentFault.malformed) { try frame.question(SetSecret.self) }
    }

    @Test func `a secret that is not in the frame, or comes twice, is malformed`() throws {
        let header = #"{"value":{"field":"token","owner":"Web","secret":1}}"#
        let frame = Frame(.question, header: Array(header.utf8), secrets: [Self.secret("x")])
        #expect(throws: AgentFault.malformed) { try frame.question(SetSecret.self) }
        let twice = #"[0,0]"#
        let both = Frame(.answer, header: Array(twice.utf8), secrets: [Self.secret("x")])
        #expect(throws: AgentFault.malformed) { try both.value([SharedSecret].self) }
    }

    @Test func `another form of the protocol is told apart, older and newer`() throws {
        func hello(_ form: Int) throws -> Hello {
            let header = #"{"form":\#(form),"version":"9.9.9"}"#
            return try Frame(.hello, header: Array(header.utf8)).value()
        }
        #expect(throws: AgentFault.older(version: "9.9.9")) { try hello(Hello.current - 1).check() }
        #expect(throws: AgentFault.newer(version: "9.9.9")) { try hello(Hello.current + 1).check() }
        try hello(Hello.current).check()
    }
}
