#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Who and where, as far as the operating system says.
public enum Machine {
    public static let user: String = {
        let id = geteuid()
        return name(of: id) ?? "uid \(id)"
    }()

    /// The name in `/etc/passwd`; nil for a user who is only in a directory, such as LDAP or systemd's dynamic users.
    ///
    /// `getpwuid` is not called on Linux: it loads the modules that `nsswitch.conf` names, and some of them crash a program
    /// that is linked statically.
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

    public static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
