import Foundation
import TestSupport
import Testing

@testable import VaultCLI

@Suite(.dedicatedThread) struct ExecEnvironmentTests {
    private func variables(_ outcome: Driver.Outcome) -> [String] {
        outcome.text.split(separator: "\n").map(String.init).sorted()
    }

    // case 60
    @Test(arguments: [true, false]) func `passes on all variables but the vault's own`(
        handedOver: Bool
    ) throws {
        let driver = Driver(
            secrets: [("KEY", "value-of-key")], handedOver: handedOver,
            environment: [
                "VAULT_FILE": "a", "VAULT_KEY_FILE": "b", "VAULT_MEMBER": "c", "VAULT_PASSPHRASE_FILE": "d",
                "VAULT_REASON": "e", "VAULT_ADDR": "https://hashicorp", "VAULT_TOKEN": "t", "OTHER": "x=y",
                "KEY": "old",
            ])
        #expect(
            variables(try driver.run("env")) == [
                "HOME=/nowhere", handedOver ? "KEY=value-of-key" : "KEY=*****", "OTHER=x=y",
                "PATH=/usr/bin:/bin",
                "VAULT_ADDR=https://hashicorp", "VAULT_TOKEN=t",
            ])
    }

    // case 60
    @Test func `passes on only the documented variables with --pristine`() throws {
        let driver = Driver(
            secrets: [("KEY", "value-of-key")], pristine: true,
            environment: ["VAULT_ADDR": "a", "OTHER": "x", "LC_ALL": "C.UTF-8", "TERM": "dumb", "TZ": "UTC"])
        #expect(
            variables(try driver.run("env")) == [
                "HOME=/nowhere", "KEY=*****", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "TERM=dumb", "TZ=UTC",
            ])
    }

    @Test func `concatenates the pieces of a value`() throws {
        var environment = ChildEnvironment(inheriting: .pristine)
        try environment.set("HEADER", pieces: [.text("AppKey "), .secret(secret("k3y")), .text("!")])
        #expect(environment.build().value(of: "HEADER") == "AppKey k3y!")
    }

    @Test func `rejects names and values that the system would truncate`() throws {
        var environment = ChildEnvironment(inheriting: .pristine)
        for name in ["", "A=B", "A\0"] {
            #expect(throws: ChildError.variableName(name)) { try environment.set(name, pieces: []) }
        }
        #expect(throws: ChildError.zeroByteInValue(variable: "A")) {
            try environment.set("A", pieces: [.secret(secret([1, 0, 2]))])
        }
        try environment.set("A", pieces: [.text("1")])
        #expect(throws: ChildError.variableTwice("A")) { try environment.set("A", pieces: [.text("1")]) }
    }
}
