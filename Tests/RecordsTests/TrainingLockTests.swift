import Foundation
import Testing

@testable import Records

struct TrainingLockTests {
  @Test func `a run is trained by one at a time`() throws {
    let folder = try TemporaryFolder()
    #expect(TrainingLock.holder(of: folder.url) == nil)
    var first: TrainingLock? = try TrainingLock(run: folder.url)
    #expect(first != nil)
    #expect(TrainingLock.holder(of: folder.url) == getpid())
    let error = #expect(throws: RecordsError.self) { try TrainingLock(run: folder.url) }
    #expect(error?.description.contains("process \(getpid())") == true)
    first = nil
    #expect(TrainingLock.holder(of: folder.url) == nil)
    _ = try TrainingLock(run: folder.url)
  }

  @Test func `a folder that is not there is refused in a sentence`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: RecordsError.self) {
      try TrainingLock(run: folder.url.appendingPathComponent("nowhere"))
    }
  }
}
