import Foundation
import Testing
import Trajectories

@testable import Records

/// Where dumps for tests lie, and what is asked of all of them.
enum Dumps {
  /// A file or folder that ships with the tests.
  static func fixture(_ name: String) -> URL {
    Bundle.module.bundleURL.appendingPathComponent("Fixtures/Dumps/\(name)")
  }

  /// A file or folder beside the package.
  static func shared(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("../shared/data/\(name)").standardizedFileURL
  }

  /// Whether a file or folder is beside the package; says so where it is not.
  static func isThere(_ url: URL) -> Bool {
    if FileManager.default.fileExists(atPath: url.path) { return true }
    print("\(url.path) is missing, so it is not read.")
    return false
  }

  /// Every trajectory, each read a second time by its place.
  static func all(_ reader: DumpReader) throws -> [DumpedTrajectory] {
    let cursor = reader.cursor()
    var found: [DumpedTrajectory] = []
    while let next = try cursor.next() {
      #expect(try same(reader.trajectory(at: next.place), next), "\(next.id)")
      #expect(next.segments.map(\.text).joined() == next.response)
      found.append(next)
    }
    #expect(cursor.bytesRead == reader.size)
    return found
  }

  /// Equal, a NaN to itself too.
  private static func same(_ one: DumpedTrajectory, _ other: DumpedTrajectory) -> Bool {
    one == other || "\(one)" == "\(other)"
  }
}
