import Libc
import Testing
import VaultCore

/// The identity of the machine's user.
@Suite struct MachineTests {
    @Test func `the user name comes from the password database`() throws {
        let entry = try unsafe #require(getpwuid(geteuid()))
        #expect(unsafe Machine.user == String(cString: entry.pointee.pw_name))
    }
}
