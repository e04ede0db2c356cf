import Foundation
import TestSupport
import Testing

@testable import VaultRegistry

@Suite struct `Built-in connectors` {
    @Test(arguments: Connector.builtInNames)
    func `have no diagnostics and the name of their file`(name: String) throws {
        let source = try #require(Connector.builtInSource(named: name))
        #expect(Connector.lint(source) == [])
        #expect(try builtIn(name) == Connector(yaml: source))
        #expect(try builtIn(name).name == name)
    }

    /// A file that is missing in `Package.swift` is only a warning of the build, so it is compared here.
    @Test func `are the files on disk`() throws {
        let folder = Repository.file("connectors")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        #expect(Connector.builtInNames == names)
        for name in names {
            let text = try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
            #expect(Connector.builtInSource(named: name) == text)
        }
    }

    @Test func `are parsed once`() throws {
        // Copies of one connector share the storage of its fields.
        func storage() throws -> UInt {
            let fields = try builtIn("http").fields
            return unsafe fields.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(try storage() == storage())
    }

    @Test(arguments: ["nothing", "../celonis", ""]) func `have no other names`(name: String) {
        #expect(Connector.builtIn(named: name) == nil)
        #expect(Connector.builtInSource(named: name) == nil)
    }

    @Test(arguments: Connector.builtInNames) func `say how to get each secret`(name: String) throws {
        let connector = try builtIn(name)
        for field in connector.fields + (connector.client?.fields ?? []) where field.isSecret {
            #expect((field.howToGet ?? "").count > 20, "\(field.key)")
        }
    }

    private static let clientForm = ["client-id", "client-secret secret", "valid-domain-names list"]

    private static let forms: [(name: String, fields: [String], client: [String])] = [
        (
            "celonis",
            [
                "api-type: intelligence, data-push",
                "domain",
                "auth-type: custom, token, oauth2",
                "app-key secret, if auth-type is custom",
                "api-key secret, if auth-type is token",
                "oauth-client, if auth-type is oauth2",
                "valid-domain-names list, if auth-type is oauth2",
                "scopes list, if auth-type is oauth2",
                "pool-id, if api-type is data-push",
            ], clientForm
        ),
        (
            "http",
            [
                "domain",
                "port = 443",
                "auth-type: bearer, basic, header",
                "token secret, if auth-type is bearer",
                "username, if auth-type is basic",
                "password secret, if auth-type is basic",
                "header-name, if auth-type is header",
                "header-value secret, if auth-type is header",
                "test-path = /",
            ], []
        ),
        (
            "postgresql",
            [
                "host",
                "port = 5432",
                "database",
                "user",
                "ssl-mode: disable, require, verify-ca, verify-full = require",
                "ca, required if certificate is given, or certificate-key is given",
                "certificate, required if certificate-key is given",
                "certificate-key secret, required if certificate is given",
                "password secret, required if ca is not given, or certificate is not given, or certificate-key is not given",
            ], []
        ),
        (
            "servicenow",
            [
                "subdomain",
                "auth-type: basic, oauth2",
                "username, if auth-type is basic",
                "password secret, if auth-type is basic",
                "oauth-client, if auth-type is oauth2",
                "valid-domain-names list, if auth-type is oauth2",
                "scopes list, if auth-type is oauth2, optional",
            ], clientForm
        ),
    ]

    @Test(arguments: forms)
    func `have the expected forms`(name: String, fields: [String], client: [String]) throws {
        let connector = try builtIn(name)
        #expect(connector.fields.map(\.outline) == fields)
        #expect((connector.client?.fields ?? []).map(\.outline) == client)
    }
}

extension Field {
    /// The key, kind, choices, default, condition and requirement of the field.
    fileprivate var outline: String {
        var text = key + (isSecret ? " secret" : "") + (isList ? " list" : "")
        if !choices.isEmpty { text += ": " + choices.map(\.value).joined(separator: ", ") }
        if let defaultValue { text += " = \(defaultValue)" }
        if condition != .always { text += ", if \(condition.text)" }
        switch requirement {
        case .always: break
        case .never: text += ", optional"
        case .when(let condition): text += ", required if \(condition.text)"
        }
        return text
    }
}

@Suite struct `The documentation of connector files` {
    let text: String
    init() throws {
        text = try String(contentsOf: Repository.file("docs/connectors.md"), encoding: .utf8)
    }

    @Test func `begins with an example that has no diagnostics`() throws {
        let example = try #require(
            text.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        #expect(Connector.lint(String(example)) == [])
    }

    @Test(arguments: [
        "subdomain-of", "segment-after", "segment", "path", "upper-case", "lower-case", "port",
        "strip-prefix", "scope", "header-name", "pem", "host", "foreign-prefixes", "strip-prefixes",
        "maximum-length", "multiline", "how-to-get", "how-to-revoke", "rotate-every", "expires-after",
        "plain-http", "jwt-bearer", "refresh-token", "client-credentials", "<loopback>", "<ip>",
    ]) func `mentions each key and value of the format`(word: String) {
        #expect(text.contains(word))
    }
}
