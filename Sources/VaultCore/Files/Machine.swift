import Libc

/// The names that the operating system gives to this user and host.
public enum Machine {
    /// The name of the effective user, or `uid N` for a user without a name in `/etc/passwd`.
    public static let user = name(of: geteuid()) ?? "uid \(geteuid())"

    /// The name in `/etc/passwd`; nil for users of other sources, such as LDAP or systemd's dynamic users.
    ///
    /// `getpwuid` is not called on Linux: it loads the modules in `nsswitch.conf`, some of which crash a statically linked
    /// program.
    private static func name(of id: uid_t) -> String? {
        #if canImport(Darwin)
            return unsafe getpwuid(id).map { unsafe String(cString: $0.pointee.pw_name) }
        #else
            guard let file = unsafe fopen("/etc/passwd", "re") else { return nil }
            defer { unsafe fclose(file) }
            while let entry = unsafe fgetpwent(file) {
                if unsafe entry.pointee.pw_uid == id { return unsafe String(cString: entry.pointee.pw_name) }
            }
            return nil
        #endif
    }

    /// The host name, or `unknown`.
    public static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
