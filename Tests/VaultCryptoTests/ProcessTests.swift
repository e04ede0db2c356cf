import TestSupport
import Testing

@testable import VaultCrypto

#if canImport(Glibc)
    import Glibc

    /// Behavior that needs a separate process, on Linux with glibc.
    @Suite struct ProcessTests {
        // case 10
        @Test func `a process and its forked child never share a salt`() throws {
            var sealer = Sealer(key: secretBytes(Sample.key), purpose: .secret)
            let before = try SealerTests.seal([1], aad: [], with: &sealer)
            var ends: [Int32] = [0, 0]
            try #require(unsafe pipe(&ends) == 0)
            let child = Self.fork()
            if child == 0 {
                let blob = (try? SealerTests.seal([1], aad: [], with: &sealer)) ?? []
                let written = unsafe write(ends[1], blob, blob.count)
                _exit(written == 145 ? 0 : 1)
            }
            var inChild = [UInt8](repeating: 0, count: 145)
            #expect(unsafe read(ends[0], &inChild, 145) == 145)
            var status: Int32 = 0
            #expect(unsafe waitpid(child, &status, 0) == child && status == 0)
            let inParent = try SealerTests.seal([1], aad: [], with: &sealer)
            #expect(Set([before, inChild, inParent].map { Array($0[1..<33]) }).count == 3)
            for blob in [inChild, inParent] { #expect(open(blob) == .success([1])) }
            for end in ends { close(end) }
        }

        // case 16
        @Test func `too little memory is an error, never a lower cost`() async {
            await #expect(processExitsWith: .success) {
                let slot = Slot(
                    id: Sample.member, member: Sample.member, kind: .passphrase, salt: Sample.member,
                    memory: 1 << 30, passes: 3, blob: [1] + [UInt8](repeating: 0, count: 144))
                var limit = rlimit(rlim_cur: 512 << 20, rlim_max: 512 << 20)
                guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { exit(2) }
                do throws(SlotError) {
                    _ = try slot.open(with: secretBytes("a passphrase"), vault: Sample.vault)
                    exit(3)
                } catch {
                    exit(error == .outOfMemory ? 0 : 4)
                }
            }
        }

        @Test func `reports memory that cannot be locked`() async {
            await #expect(processExitsWith: .success) {
                var none = rlimit(rlim_cur: 0, rlim_max: 0)
                guard unsafe setrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &none) == 0 else {
                    exit(2)
                }
                if geteuid() == 0, setuid(65534) != 0 { exit(3) }
                let isLocked = SecretMemory.isLocked
                // Allocation succeeds all the same.
                exit(!isLocked && bytes(secretBytes([1, 2])) == [1, 2] ? 0 : 4)
            }
        }

        @Test func `secret memory is unmapped with its owner`() async {
            await #expect(processExitsWith: .signal(SIGSEGV)) {
                signal(SIGSEGV, SIG_DFL)
                var address = UInt(0)
                do {
                    let owned = secretBytes([1, 2, 3])
                    address = unsafe UInt(bitPattern: owned.base)
                }
                print(unsafe UnsafePointer<UInt8>(bitPattern: address)!.pointee)
            }
        }

        #if arch(x86_64)
            // case 9
            @Test(arguments: [0, 1]) func `a failing random generator ends the process`(kind: Int) async {
                await #expect(processExitsWith: .signal(SIGABRT)) { [kind] in
                    signal(SIGABRT, SIG_DFL)
                    SecretMemory.start()
                    guard RandomFailure.begin() else { exit(2) }
                    _ = kind == 0 ? Randomness.bytes(32) : bytes(SecretBytes.random(32))
                    exit(0)
                }
            }
        #endif

        /// `fork` is unavailable in Swift. The child above only seals and writes.
        private static func fork() -> pid_t {
            typealias Fork = @convention(c) () -> pid_t
            return unsafe unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
        }
    }

    #if arch(x86_64)
        /// Makes the system call `getrandom` fail with EIO, by a seccomp filter.
        enum RandomFailure {
            @unsafe private struct Program {
                var length: UInt16
                var instructions: UnsafePointer<(UInt16, UInt8, UInt8, UInt32)>
            }

            static func begin() -> Bool {
                typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
                let control = unsafe unsafeBitCast(dlsym(nil, "prctl"), to: Control.self)
                let filter: [(UInt16, UInt8, UInt8, UInt32)] = [
                    (0x20, 0, 0, 0),  // load the system call's number
                    (0x15, 0, 1, 318),  // skip the next instruction unless it is getrandom
                    (0x06, 0, 0, 0x0005_0000 | 5),  // fail with EIO
                    (0x06, 0, 0, 0x7fff_0000),  // allow
                ]
                return unsafe filter.withUnsafeBufferPointer { filter in
                    var program = unsafe Program(
                        length: UInt16(filter.count), instructions: filter.baseAddress!)
                    return unsafe withUnsafePointer(to: &program) { program in
                        control(38, 1, 0, 0, 0) == 0
                            && control(22, 2, UInt(bitPattern: program), 0, 0) == 0
                    }
                }
            }
        }
    #endif
#endif

/// The arguments of the process (cases 92 and 93).
@Suite struct ProcessArgumentsTests {
    @Test func `the arguments are the kernel's, without the program's name`() {
        #expect(ProcessArguments.all == Array(CommandLine.arguments.dropFirst()))
    }
}
