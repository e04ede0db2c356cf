import Foundation
import GRDB

extension Row {
    /// A blob's bytes; empty for NULL, and for a value that is no blob, which every reader of a blob refuses.
    func bytes(_ index: Int) -> [UInt8] { optionalBytes(index) ?? [] }

    func optionalBytes(_ index: Int) -> [UInt8]? {
        Data.fromDatabaseValue(self[index] as DatabaseValue).map { Array($0) }
    }

    /// A text that must be there.
    ///
    /// A damaged file may hold any value in any column, whatever its table says: what GRDB's subscripts end the
    /// process for is an error here, and `VaultFile` says that the file is damaged (case 41).
    func text(_ index: Int) throws -> String { try decode(atIndex: index) }

    func optionalText(_ index: Int) throws -> String? { try decode(atIndex: index) }

    func number(_ index: Int) throws -> Int64 { try decode(atIndex: index) }

    func optionalNumber(_ index: Int) throws -> Int64? { try decode(atIndex: index) }

    /// A number that is never below zero; one that is, is taken for zero.
    func count(_ index: Int) throws -> UInt64 { UInt64(clamping: try number(index)) }
}

extension [UInt8] {
    /// These bytes as SQLite takes a blob.
    var blob: Data { Data(self) }
}
