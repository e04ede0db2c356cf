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
        if let name = inPasswordFile(id) { return name }
        if let entry = unsafe getpwuid(id) { return unsafe String(cString: entry.pointee.pw_name) }
        return "uid \(id)"
    }()

    /// The name in `/etc/passwd`, where most systems look first: the C library asks for a daemon before it, and reads where
    /// to look. A user of a directory only is not in it.
    private static func inPasswordFile(_ id: uid_t) -> String? {
        #if canImport(Darwin)
            return nil
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
