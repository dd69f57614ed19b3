import Foundation
import Synchronization
import Testing

@testable import Session

/// What a wish to stop reaches.
@Suite struct EngineThreadTests {
  @Test func `a wish to stop ends work that was asked for, not a step of the background`() {
    let thread = EngineThread()
    let (began, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    // The next wish, that of the end, must come after the look.
    let looked = DispatchSemaphore(value: 0)
    let seen = Mutex<[Bool]>([])
    func look() {
      began.signal()
      goesOn.wait()
      seen.withLock { $0.append(thread.isCancelled) }
      looked.signal()
    }
    thread.start()
    thread.submit {
      look()
      thread.whileIdle {
        look()
        return false
      }
    }
    for _ in 0..<2 {
      began.wait()
      thread.cancel()
      goesOn.signal()
      looked.wait()
    }
    #expect(thread.join(seconds: 10) {})
    #expect(seen.withLock { $0 } == [true, false])
  }
}
