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
        if let entry = unsafe getpwuid(geteuid()) { return unsafe String(cString: entry.pointee.pw_name) }
        return "uid \(geteuid())"
    }()

    public static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
