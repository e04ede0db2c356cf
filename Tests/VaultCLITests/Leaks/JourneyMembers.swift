import Testing

extension Journey {
    /// Adds members, has them deposit secrets and change slots, and removes them again.
    func meet(_ mark: String) async throws {
        let first = aviary.canary("a first passphrase").text
        let own = aviary.canary("a passphrase of one's own").text
        let value = aviary.canary("a deposited token").text
        let request = "\(sandbox.folder)/\(mark).request"
        let ana = ["VAULT_MEMBER": "ana"]
        let bo = ["VAULT_MEMBER": "bo", "VAULT_KEY_FILE": "\(sandbox.folder)/bo \(mark).key"]
        let cy = ["VAULT_MEMBER": "cy", "VAULT_KEY_FILE": ""]
        try await say("member", "request", "--out", request, environment: bo)
        try await say("member", "request", "--out", request, fails: 15, environment: bo)
        try await say("member", "add", "bo", "--role", "writer", "--request", request)
        try await say(
            "member", "add", "cy", "--role", "user", "--passphrase-from", "fd:3", secrets: [first],
            environment: ana)
        try await say("member", "list")
        try await say(
            "secret", "set", "web \(mark)", "token", "--from", "fd:3", secrets: [value], environment: bo)
        try await say("secret", "list", "web \(mark)")
        try await say("exec", "web \(mark)", "--", "true", fails: 16, environment: bo)
        try await say(
            "secret", "verify", "web \(mark)", "token", "--from", "fd:3", secrets: [value], environment: ana)
        try await say(
            "secret", "set", "web \(mark)", "token", "--from", "fd:3", "--deposit", secrets: [value],
            environment: ana)
        try await say(
            "secret", "list", "web \(mark)", "--passphrase-from", "fd:3", secrets: [first], environment: cy)
        try await say(
            "exec", "web \(mark)", "--passphrase-from", "fd:3", "--", "env", fails: 16, secrets: [first],
            environment: cy)
        try await say(
            "slot", "change", "passphrase", "--from", "fd:3", "--passphrase-from", "fd:4",
            secrets: [own, first], environment: cy)
        try await say(
            "exec", "web \(mark)", "--passphrase-from", "fd:3", "--", "sh", "-c", "env; env >&2",
            secrets: [own], environment: cy)
        try await say("member", "role", "cy", "auditor", environment: ana)
        try await say("member", "remove", "cy", environment: ana)
        try await say("member", "remove", "bo", environment: ana)
        try await say("member", "remove", "ana", fails: 16)
    }
}
