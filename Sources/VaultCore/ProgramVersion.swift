/// The version of the programs that are built from this source; they are released together.
public enum ProgramVersion {
    public static let text = "0.1.0"
}
