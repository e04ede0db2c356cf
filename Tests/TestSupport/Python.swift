/// Python 3 with its standard library, which some tests use as a second implementation or as a peer.
public enum Python {
    /// The path of the interpreter, nil when none is installed.
    public static let executable: String? = {
        let outcome = try? Subprocess.run("python3", ["-c", "import sys; print(sys.executable)"])
        return outcome?.status == 0 ? outcome?.lines.first : nil
    }()

    public static func has(module: String) -> Bool {
        (try? Subprocess.run("python3", ["-c", "import \(module)"]))?.status == 0
    }
}
