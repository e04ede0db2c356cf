import StandIn
import Testing

extension Journey {
    /// All steps of a rotation, and the commands for versions; the first version stays current.
    func rotate(_ mark: String, _ app: Canary, _ celonis: Celonis, _ network: [String: String]) async throws {
        let custom = "custom \(mark)"
        let wrong = aviary.canary("a key that is never taken")
        let new = aviary.canary("a new App key")
        func start(_ key: Canary) async throws {
            try await say("rotate", "start", custom, "--secret", "app-key=fd:3", secrets: [key.text])
        }
        try await start(wrong)
        try await say("rotate", "status")
        try await say("rotate", "test", custom, fails: 3, environment: network)
        try await say("rotate", "finish", custom, fails: 16)
        try await say("rotate", "abort", custom)
        try await say("rotate", "go", custom, fails: 64)
        celonis.change { $0.appKeys = [app.text, new.text] }
        try await start(new)
        try await say("rotate", "test", custom, environment: network)
        try await say("rotate", "finish", custom, "--overlap", "24h")
        try await say("secret", "rollback", custom, "app-key")
        try await say("secret", "destroy", custom, "app-key", "--version", "3")
        try await say("secret", "versions", custom)
        try await say("client", "annotate", "client \(mark)", "--rotate-every", "client-secret=90d")
        try await say("due")
    }
}
