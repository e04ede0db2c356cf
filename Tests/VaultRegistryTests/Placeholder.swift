import Testing
import VaultRegistry

@Suite struct BuiltInConnectors {
    @Test(arguments: ["celonis", "http", "postgresql", "servicenow"]) func `lints clean`(name: String) throws
    {
        let (connector, yaml) = try #require(Connector.builtIn(name))
        #expect(connector.name == name)
        #expect(Connector.lint(yaml) == [])
    }
}
