public import Foundation

/// The test vectors in `Tests/Vectors`, which other implementations produced.
public enum Vectors {
    /// - Throws: the error of `Data(contentsOf:)` when there is no such file.
    public static func data(_ name: String) throws -> Data {
        try Data(contentsOf: Repository.file("Tests/Vectors/" + name))
    }

    /// Decodes a file that is one JSON value.
    ///
    /// - Throws: when the file cannot be read, or is not of this type.
    public static func decode<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: data(name))
    }

    /// Decodes a file with one JSON value per line.
    ///
    /// - Throws: when the file cannot be read, or a line is not of this type.
    public static func lines<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> [T] {
        try data(name).split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(type, from: $0) }
    }
}
