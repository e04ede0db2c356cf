/// The version of all programs that are built from this package.
public enum ProgramVersion {
    /// The version number.
    public static let text = "0.1.0"
}
