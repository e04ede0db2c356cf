import Foundation
import StandIn
import TestSupport
import Testing

/// Rotation hooks: their environment, their output, and that a failure changes nothing.
@Suite struct HookTests {
    private typealias Scene = NetworkTests.Scene

    /// The example of docs/hooks.md.
    private static let example = Repository.file("docs/examples/new-app-key.sh").path

    /// A scene with a connection that has this script as its hook.
    private func scene(_ script: String, named name: String = "hook") async throws -> Scene {
        let scene = try await Scene()
        try scene.sandbox.write("#!/bin/sh\n" + script + "\n", to: name, mode: 0o700)
        let named = try await scene.vault(
            "connection", "annotate", "Celonis prod", "--rotate-with", scene.sandbox.folder + "/" + name)
        #expect(named.status == 0, "\(named.errorText)")
        return scene
    }

    private func isUnchanged(_ scene: Scene) async throws {
        let versions = try await scene.vault("secret", "versions", "Celonis prod", "--json").text
        #expect(versions.split(separator: "\n").count == 1 && versions.contains(#""label":"current""#))
        #expect(try await scene.vault("connection", "test", "Celonis prod").status == 0)
    }

    @Test func `the documented example rotates a key without seeing it`() async throws {
        let scene = try await Scene()
        let copy = scene.sandbox.folder + "/new-app-key"
        try FileManager.default.copyItem(atPath: Self.example, toPath: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy)
        let named = try await scene.vault(
            "connection", "annotate", "Celonis prod", "--rotate-with", copy)
        #expect(named.status == 0, "\(named.errorText)")
        #expect(
            try await scene.vault("connection", "show", "Celonis prod").text.contains("rotated with  \(copy)")
        )
        let done = try await scene.vault("rotate", "Celonis prod", "--overlap", "2d")
        #expect(done.status == 0, "\(done.errorText)")
        #expect(done.text.hasPrefix("app-key version 2 of 'Celonis prod' current, the old one kept until "))
        #expect(done.errorText.hasPrefix("a new App key was made for: app-key\n"))
        let isNew = #"[ "$CELONIS_API_TOKEN" = made-app-key-1 ]"#
        #expect(try await scene.vault("exec", "Celonis prod", "--", "sh", "-c", isNew).status == 0)
        // The hook's request used the old key, through the proxy; the test used the new one.
        let asked = scene.celonis.takeRequests().map { $0.headers["authorization"] ?? "" }
        #expect(asked == ["AppKey good-app-key", "AppKey made-app-key-1"])
        let log = try await scene.vault("audit", "log", "--action", "rotation.start", "--json").text
        #expect(log.contains(#""program":"\#(copy)""#))
        #expect(try await scene.vault("audit", "verify", "--secrets").status == 0)
    }

    // case 60, 81, 84
    @Test func `a hook gets a token instead of the key, and both are masked in its output`() async throws {
        let scene = try await scene(
            """
            echo; env; ls -l /proc/self/fd | sed 's/.* -> /open: /' | grep -c vault.db
            printf 'the-new-value-%s' 1 >&3
            echo "token $CELONIS_API_TOKEN"; echo "new the-new-value-1" >&2; printf the-new-value-1 | base64
            """)
        let failed = try await scene.vault("rotate", "start", "Celonis prod", "--with-hook")
        #expect(failed.status == 0, "\(failed.errorText)")
        let said = failed.errorText
        #expect(said.contains("token *****\n") && said.contains("new *****\n"))
        #expect(said.contains("\nVAULT_NEW_SECRET_FD=3\n"))
        #expect(said.contains("\nVAULT_NEW_SECRET_FIELDS=app-key\n"))
        for word in [
            "the-new-value-1", "dGhlLW5ldy12YWx1ZS0x", "good-app-key", "VAULT_KEY_FILE", "VAULT_FILE",
        ] {
            #expect(!said.contains(word), "\(word)")
        }
        #expect(said.contains("\n0\n"))
        #expect(!failed.text.contains("the-new-value"))
    }

    // case 84
    @Test func `a value is masked with and without the parts that its field ignores`() async throws {
        let scene = try await scene(
            """
            printf '  AppKey a-value-of-a-key \\n' >&3; echo 'it is a-value-of-a-key.'
            """)
        let done = try await scene.vault("rotate", "start", "Celonis prod", "--with-hook")
        #expect(done.status == 0 && done.errorText == "it is *****.\n", "\(done.errorText)")
        try scene.sandbox.write(
            "#!/bin/sh\n{ echo one; echo two-of-them; } >&3; echo one two-of-them", to: "hook", mode: 0o700)
        let failed = try await scene.vault("rotate", "start", "Celonis prod", "--with-hook", "--replace")
        #expect(failed.status == 17 && failed.errorText.hasPrefix("one *****\n"), "\(failed.errorText)")
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let script: String
        let says: String
        var flags: [String] = []
        var status: Int32 = 17
        var testDescription: String { says }
    }

    @Test(arguments: [
        Bad(script: "echo because >&2; echo new >&3; exit 7", says: "failed with status 7"),
        Bad(script: "kill -TERM $$", says: "was killed by signal 15"),
        Bad(script: "true", says: "exited with 0 but wrote no app-key"),
        Bad(script: "echo >&3", says: "exited with 0 but wrote no app-key"),
        Bad(script: "echo one >&3; echo two >&3", says: "wrote several lines for app-key"),
        Bad(script: "echo '*****' >&3", says: "App key is a mask"),
        Bad(script: "echo 'Bearer x' >&3", says: "can't begin with 'Bearer'"),
        Bad(
            script: "head -c 70000 /dev/zero | tr '\\0' x >&3",
            says: "wrote more than 65536 bytes for app-key"),
        Bad(
            script: "trap '' TERM; echo new >&3; sleep 600", says: "timed out after 1 second",
            flags: ["--time-limit", "1"]),
        Bad(
            script: "true", says: "--time-limit must be from 1 to 86400 seconds",
            flags: ["--time-limit", "0"],
            status: 64),
        Bad(script: "echo a-key >&3", says: "The key is unknown", status: 3),
    ])
    func `each failure of a hook has its own message and leaves the current version in use`(bad: Bad)
        async throws
    {
        let scene = try await scene(bad.script)
        let words = ["rotate", "Celonis prod"] + bad.flags
        let failed = try await scene.sandbox.program(words, environment: scene.network).start().outcome()
        #expect(failed.status == bad.status && failed.errorText.contains(bad.says), "\(failed.errorText)")
        #expect(failed.errorText.contains("vault: next: "))
        if bad.status == 3 {
            // A version that failed its test stays pending.
            #expect(try await scene.vault("rotate", "abort", "Celonis prod").status == 0)
            #expect(try await scene.vault("connection", "test", "Celonis prod").status == 0)
        } else {
            try await isUnchanged(scene)
        }
    }

    @Test func `a hook is checked again before each run`() async throws {
        let scene = try await scene("touch \"$HOME/ran\"; echo new >&3")
        let hook = scene.sandbox.folder + "/hook"
        func refused(_ mode: Int, _ why: String) async throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: hook)
            let failed = try await scene.vault("rotate", "Celonis prod")
            #expect(failed.status == 64 && failed.errorText.contains(why), "\(failed.errorText)")
        }
        try await refused(0o600, "can't execute the hook")
        try await refused(0o722, "others can write to \(hook)")
        try await refused(0o720, "others can write to \(hook)")
        try FileManager.default.removeItem(atPath: hook)
        let gone = try await scene.vault("rotate", "Celonis prod")
        #expect(
            gone.status == 64 && gone.errorText.contains("No such file"), "\(gone.errorText)")
        #expect(!scene.sandbox.exists("home/ran"))
        try await isUnchanged(scene)
    }

    @Test func `no hook runs while a rotation is in progress`() async throws {
        let scene = try await scene("touch \"$HOME/ran\"; echo new >&3")
        let words = ["rotate", "start", "Celonis prod", "--secret", "app-key=stdin"]
        let started = try await scene.sandbox.program(words, input: "other", environment: scene.network)
            .start()
            .outcome()
        #expect(started.status == 0)
        let second = try await scene.vault("rotate", "start", "Celonis prod", "--with-hook")
        #expect(second.status == 18 && second.errorText.contains("is in progress, started by ana"))
        #expect(!scene.sandbox.exists("home/ran"))
        let replaced = try await scene.vault("rotate", "start", "Celonis prod", "--with-hook", "--replace")
        #expect(replaced.status == 0 && scene.sandbox.exists("home/ran"), "\(replaced.errorText)")
    }

    @Test func `processes that a hook leaves running are ended`() async throws {
        let scene = try await scene("sleep 600 & echo $! > \"$HOME/left\"; echo good-app-key >&3")
        let done = try await scene.vault("rotate", "Celonis prod")
        #expect(done.status == 0, "\(done.errorText)")
        let left = try String(contentsOfFile: scene.sandbox.folder + "/home/left", encoding: .utf8)
        try await scene.sandbox.ends(
            try #require(pid_t(left.trimmingCharacters(in: .whitespacesAndNewlines))))
    }

    @Test func `a hook needs a policy that allows proxy`() async throws {
        let scene = try await scene("touch \"$HOME/ran\"; echo new >&3")
        #expect(
            try await scene.vault("connection", "annotate", "Celonis prod", "--allow", "exec").status == 0)
        let failed = try await scene.vault("rotate", "Celonis prod")
        #expect(
            failed.status == 16 && failed.errorText.contains("does not allow proxy"), "\(failed.errorText)")
        #expect(!scene.sandbox.exists("home/ran"))
    }

    /// A connector with a credential of two secrets.
    private static let pair = """
        format: 1
        connector: pair
        title: Pair
        summary: A token in two parts.
        hosts: ["*.celonis.cloud"]
        host: "{domain}"
        fields:
          - key: domain
            label: Domain
            help: The host.
            normalise: host
          - key: token-id
            label: Token ID
            help: The first part.
            secret: yes
            how-to-get: Ask.
          - key: token-secret
            label: Token secret
            help: The second part.
            secret: yes
            how-to-get: Ask.
        authenticate:
          - headers:
              - name: Authorization
                value: "AppKey {token-secret}"
              - name: X-Token-Id
                value: "{token-id}"
        tests:
          - path: /intelligence/api/knowledge-models
            success: 200
        variables:
          - name: PAIR_URL
            value: "https://{domain}"
          - name: PAIR_SECRET
            value: "{token-secret}"

        """

    @Test func `a credential of several secrets has a descriptor for each`() async throws {
        let scene = try await Scene()
        try scene.sandbox.write(Self.pair, to: "pair.yaml")
        try scene.sandbox.write("first", to: "id")
        try scene.sandbox.write("good-app-key", to: "secret")
        try scene.sandbox.write(
            """
            #!/bin/sh
            set -- $VAULT_NEW_SECRET_FD
            [ "$VAULT_NEW_SECRET_FIELDS" = "token-id token-secret" ] && [ $# = 2 ] || exit 9
            curl -sS --fail -H "Authorization: Bearer $PAIR_SECRET" "$PAIR_URL/test/echo" >/dev/null || exit 8
            echo good-app-key >&"$2"
            echo second >&"$1"
            """, to: "hook", mode: 0o700)
        let folder = scene.sandbox.folder
        for words in [
            ["connector", "add", folder + "/pair.yaml"],
            [
                "connection", "create", "pair", "--name", "Two", "--set", "domain=\(NetworkTests.host)",
                "--secret", "token-id=file:\(folder)/id", "--secret", "token-secret=file:\(folder)/secret",
            ], ["connection", "annotate", "Two", "--rotate-with", folder + "/hook"], ["rotate", "Two"],
        ] {
            let said = try await scene.sandbox.program(words, environment: scene.network).start().outcome()
            #expect(said.status == 0, "\(words): \(said.errorText)")
        }
        let tested = try #require(scene.celonis.takeRequests().last)
        #expect(tested.headers["x-token-id"] == "second")
        let versions = try await scene.vault("secret", "versions", "Two").text
        #expect(versions.split(separator: "\n").filter { $0.contains("  2        current") }.count == 2)
    }
}
