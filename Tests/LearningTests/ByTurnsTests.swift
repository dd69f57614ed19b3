import Learning
import Testing

struct ByTurnsTests {
  @Test func `wrong and right ones take turns in the order a seed always gave`() {
    let order = byTurns(Array(0..<9), seed: 3) { $0.isMultiple(of: 3) }
    #expect(order == [0, 8, 3, 2, 6, 5, 4, 1, 7])
    #expect(byTurns([Int](), seed: 3) { _ in true }.isEmpty)
  }
}
