import Testing
import VaultCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct MachineTests {
    @Test func `the user is named as the system names them`() throws {
        let entry = try unsafe #require(getpwuid(geteuid()))
        #expect(unsafe Machine.user == String(cString: entry.pointee.pw_name))
    }
}
