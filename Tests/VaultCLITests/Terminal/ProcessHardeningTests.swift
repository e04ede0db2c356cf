import CPlatform
import Libc
import Testing

@testable import VaultCLI
@testable import VaultMemory

@Suite struct ProcessHardeningTests {
    /// Replaces Swift's crash handler, and prints like it.
    private static let shows: @convention(c) (Int32) -> Void = { _ in
        Descriptor.writeBestEffort("canary-crash\n")
        _exit(0)
    }

    /// Sets the soft limit of core files, up to the hard limit.
    private static func setCoreLimit(_ soft: UInt64) {
        let hard = LaunchState().coreLimit.hard
        var limit = rlimit(rlim_cur: UInt(min(soft, hard)), rlim_max: UInt(hard))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    }

    // case 56
    @Test func `prints nothing when it crashes`() async throws {
        let result = await #expect(
            processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent, \.standardOutputContent]
        ) {
            let secret = unsafe SecretBytes(count: 16) { bytes in
                unsafe bytes.copyBytes(from: "canary-registers".utf8)
            }
            for number in ProcessHardening.crashSignals { signal(number, ProcessHardeningTests.shows) }
            ProcessHardening.apply()
            unsafe secret.withUnsafeBytes { _ in _ = kill(getpid(), SIGSEGV) }
            while true { pause() }
        }
        let outcome = try #require(result)
        #expect(!String(decoding: outcome.standardErrorContent, as: UTF8.self).contains("canary"))
        #expect(!String(decoding: outcome.standardOutputContent, as: UTF8.self).contains("canary"))
    }

    @Test func `restores the caller's umask for a child, and keeps 077 for itself`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            _ = umask(0o027)
            ProcessHardening.apply()
            let hardened = umask(0)
            ProcessHardening.restoreCallerUmask()
            let child = umask(0)
            ProcessHardening.restorePrivateUmask()
            exit(hardened == 0o077 && child == 0o027 && umask(0) == 0o077 ? 0 : 1)
        }
    }

    // case 56
    @Test func `removes Swift's handlers of crash signals`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            for number in ProcessHardening.crashSignals { signal(number, ProcessHardeningTests.shows) }
            ProcessHardening.apply()
            exit(ProcessHardening.crashSignals.allSatisfy { platform_signal_disposition($0) == 0 } ? 0 : 1)
        }
    }

    // case 57
    @Test func `disables core files, and keeps the caller's limit for children`() async throws {
        var template = Array("/tmp/vault-core-XXXXXX\0".utf8.map(CChar.init))
        try #require(unsafe mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)

        await #expect(processExitsWith: .signal(SIGABRT)) { [folder = folder as String] in
            unsafe chdir(folder)
            ProcessHardeningTests.setCoreLimit(.max)
            ProcessHardening.apply()
            guard LaunchState().coreLimit.soft == 0, platform_is_dumpable() == 0 else { exit(1) }
            abort()
        }
        let removed = unsafe rmdir(folder)
        #expect(removed == 0, "the folder holds a core")
    }

    @Test func `remembers the caller's umask and limits`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            umask(0o027)
            ProcessHardeningTests.setCoreLimit(0)
            ProcessHardening.apply()
            let inherited = ProcessHardening.inherited
            let mask = umask(0)
            let coreLimit = inherited.launchState.coreLimit.soft
            exit(inherited.umask == 0o027 && coreLimit == 0 && mask == 0o077 ? 0 : 1)
        }
    }

    @Test func `never reuses the number of a closed standard descriptor`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            for number in Int32(0)...2 { close(number) }
            ProcessHardening.apply()
            let next = unsafe open("/dev/null", O_RDWR)
            let silent = unsafe Descriptor.write(UnsafeRawBufferPointer(start: nil, count: 0), to: 2)
            var byte: UInt8 = 0
            let writable = unsafe write(1, &byte, 1)
            exit(next > 2 && silent == 0 && writable == -1 ? 0 : 1)
        }
    }
}
