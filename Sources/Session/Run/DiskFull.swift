import Foundation
import Records

/// Whether something failed only since there was no room left, so that it may work later.
enum DiskFull {
  static func isCause(of error: any Error) -> Bool {
    if let error = error as? RecordsError, error.isDiskFull { return true }
    if (error as? CocoaError)?.code == .fileWriteOutOfSpace { return true }
    // Rooms that know no more of an error than its words tell those.
    let words = "\(error)"
    return [ENOSPC, EDQUOT].contains { words.contains(String(cString: strerror($0))) }
  }
}
