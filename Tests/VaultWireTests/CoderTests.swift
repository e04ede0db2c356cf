import TestSupport
import Testing
import VaultCore
import VaultLedger
import VaultMemory

@testable import VaultWire

@Suite struct CoderTests {
    // case 55
    @Test func `encodes secrets outside the JSON, and decodes them`() throws {
        let draft = OwnerDraft(
            .connection, connector: "http", name: "Wéb \"1\"\n", settings: ["domain": ["a", "b"]],
            secrets: ["token": secret("first-secret"), "password": secret("second-secret")],
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
        VaultError.access(.noLongerMember(name: "ana")), .masterKey(.rotationInProgress),
        .integrity(.rolledBack(seen: 7, at: Timestamp(seconds: 1_700_000_000), found: 3)),
        .integrity(.ledger(.notAllowed(seq: 4, name: "bo", role: .writer, action: .execConnection))),
        .integrity(
            .verificationFailed([
                .secretStale(owner: "a", field: "b", found: 1, signed: 2), .treeDamaged(size: 9),
            ])),
        .masterKey(.secretsNotResealed(["x: token"], left: 1)),
        .agent(.otherMember(open: "ana", wanted: "bo")),
        .unlock(.memberUnspecified(members: [])),
        .masterKey(.rotationStopped(epoch: 2, because: .file(.full(path: "/x")))),
        .file(.unsafePath(path: "/x", why: "y", fix: nil)),
    ])
    func `decodes a failure unchanged`(_ error: VaultError) throws {
        #expect(try Frame(.failure, error).value(VaultError.self) == error)
    }

    @Test(arguments: [
        Notice.firstContact(entries: 3), .progress(.sealing, done: 1, of: 2),
        .logNotEmptied(.file(.busy(path: "/a"))),
        .anchorNotKept(.file(.io(path: "/a", why: "b"))), .savedDespite(.file(.full(path: "/a"))),
        .mustWait(seconds: 4),
    ])
    func `decodes a notice unchanged`(_ notice: Notice) throws {
        #expect(try Frame(.notice, notice).value(Notice.self) == notice)
    }

    @Test func `encodes a request with its name, member and reason, and its secret outside the JSON`() throws
    {
        let request = SetSecret("token", of: "Web", to: secret("a-secret"))
        let operation = Identifier(bytes: [UInt8](repeating: 7, count: 16))
        let frame = try Frame(
            request: request, member: "ana", reason: "because", operation: operation)
        let context = try frame.context()
        #expect(context.operation == operation)
        #expect(context.name == "SetSecret" && context.member == "ana" && context.reason == "because")
        #expect(frame.secrets.count == 1)
        #expect(!String(decoding: frame.header, as: UTF8.self).contains("a-secret"))
        _ = try frame.request(SetSecret.self)
    }

    @Test(arguments: ["", "[]", "{}", #"{"value":{}}"#, #"{"context":{"name":1}}"#, #"{"context":{}}"#])
    func `reports another header as malformed`(_ text: String) {
        let frame = Frame(.request, header: Array(text.utf8))
        #expect(throws: VaultError.agent(.malformed)) { try frame.context() }
        #expect(throws: VaultError.agent(.malformed)) { try frame.request(SetSecret.self) }
    }

    @Test func `reports a missing or repeated secret as malformed`() throws {
        let header = #"{"value":{"field":"token","owner":"Web","secret":1}}"#
        let frame = Frame(.request, header: Array(header.utf8), secrets: [secret("x")])
        #expect(throws: VaultError.agent(.malformed)) { try frame.request(SetSecret.self) }
        let twice = #"[0,0]"#
        let both = Frame(.answer, header: Array(twice.utf8), secrets: [secret("x")])
        #expect(throws: VaultError.agent(.malformed)) { try both.value([SharedSecret].self) }
    }

    private func isUnchanged<T: Codable & Equatable>(_ value: T) -> Bool {
        (try? Frame(.answer, [value]).value() == [value]) ?? false
    }

    @Test func `encodes integers of every size, and rejects others and floating-point numbers`() {
        #expect(isUnchanged(Int.min) && isUnchanged(Int8.min) && isUnchanged(Int16.min))
        #expect(isUnchanged(Int32.min) && isUnchanged(Int64.max))
        #expect(isUnchanged(UInt(1)) && isUnchanged(UInt8.max) && isUnchanged(UInt16.max))
        #expect(isUnchanged(UInt32.max) && isUnchanged(UInt64(1)))
        #expect(isUnchanged([UInt8?.none, 1]) && isUnchanged(true))
        #expect(!isUnchanged(UInt64.max) && !isUnchanged(Float(1)) && !isUnchanged(1.0))
        let numbers = Frame(.answer, header: Array("[256]".utf8))
        #expect(throws: VaultError.agent(.malformed)) { try numbers.value([UInt8].self) }
        #expect(throws: VaultError.agent(.malformed)) { try numbers.value([Double].self) }
        #expect(throws: VaultError.agent(.malformed)) { try numbers.value([Bool].self) }
    }

    @Test func `distinguishes older and newer protocol versions`() throws {
        func hello(_ form: Int) throws -> Hello {
            let header = #"{"form":\#(form),"version":"9.9.9"}"#
            return try Frame(.hello, header: Array(header.utf8)).value()
        }
        #expect(throws: VaultError.agent(.older(version: "9.9.9"))) {
            try hello(Hello.currentProtocolVersion - 1).checkVersion()
        }
        #expect(throws: VaultError.agent(.newer(version: "9.9.9"))) {
            try hello(Hello.currentProtocolVersion + 1).checkVersion()
        }
        try hello(Hello.currentProtocolVersion).checkVersion()
    }
}
