import Foundation
import Testing

@testable import VaultRegistry

@Suite struct `Connectors that come with the program` {
    @Test(arguments: ["celonis", "http", "postgresql", "servicenow"])
    func `lint clean, are called as their file, and written as it says`(name: String) throws {
        let yaml = try #require(Connector.builtInYAML(name))
        #expect(Connector.lint(yaml) == [])
        let connector = try Connector(yaml: yaml)
        #expect(connector.name == name)
        #expect(Connector.builtIn(name) == connector, "scripts/connector-source.sh writes it anew")
    }

    /// A file that is not listed is only a warning of the build, so it is compared here.
    @Test func `are the files of the folder, all of them, as they are on disk`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "connectors")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
        let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        let listed: [String] = Connector.builtIn
        #expect(listed == names)
        for name in names {
            let text = try String(contentsOf: folder.appending(path: "\(name).yaml"), encoding: .utf8)
            #expect(Connector.builtInYAML(name) == text)
        }
    }

    @Test func `none has another name`() {
        #expect(Connector.builtIn("nothing") == nil && Connector.builtInYAML("nothing") == nil)
        #expect(Connector.builtIn("../celonis") == nil && Connector.builtInYAML("../celonis") == nil)
    }

    @Test(arguments: ["celonis", "http", "postgresql", "servicenow"])
    func `tell where each secret is found`(name: String) throws {
        let connector = try builtIn(name)
        for field in connector.fields + (connector.client?.fields ?? []) where field.isSecret {
            #expect((field.howToGet ?? "").count > 20, "\(field.key)")
        }
    }

    /// A reader who copies the first example must get a connector.
    @Test func `are described by a document whose first example lints clean`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/connectors.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let example = try #require(
            text.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        #expect(Connector.lint(String(example)) == [])
    }

    /// What a connector's reader knows, the document describes.
    @Test(arguments: [
        "subdomain-of", "segment-after", "segment", "path", "upper-case", "lower-case", "port",
        "strip-prefix",
        "scope", "header-name", "pem", "host", "foreign-prefixes", "strip-prefixes", "maximum-length",
        "multiline",
        "how-to-get", "plain-http", "jwt-bearer", "refresh-token", "client-credentials", "<loopback>", "<ip>",
    ]) func `are described word by word`(word: String) throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/connectors.md")
        #expect(try String(contentsOf: page, encoding: .utf8).contains(word))
    }
}
