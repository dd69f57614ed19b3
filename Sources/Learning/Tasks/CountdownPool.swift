import Tensors

/// One operation of a countdown, such as `3 + 4 = 7`.
struct CountdownMove: Equatable {
  let left: Int
  let operation: String
  let right: Int
  let result: Int

  var text: String { "\(left) \(operation) \(right) = \(result)" }

  /// nil where the operation is none, or the result is not in 0 ..< bound.
  init?(_ left: Int, _ operation: String, _ right: Int, bound: Int) {
    let result: Int
    switch operation {
    case "+": result = left + right
    case "-": result = left - right
    case "*": result = left * right
    default: return nil
    }
    guard (0..<bound).contains(result) else { return nil }
    self.left = left
    self.operation = operation
    self.right = right
    self.result = result
  }
}

/// The numbers of a countdown that are still there to use.
struct CountdownPool: Equatable {
  var numbers: [Int]
  let bound: Int

  init(_ numbers: [Int], bound: Int) {
    self.numbers = numbers
    self.bound = bound
  }

  /// Every pair with every operation; sums and products once, differences from the larger.
  var moves: [CountdownMove] {
    var found: [CountdownMove] = []
    for first in numbers.indices {
      for second in numbers.indices.dropFirst(first + 1) {
        let large = max(numbers[first], numbers[second])
        let small = min(numbers[first], numbers[second])
        found += ["+", "-", "*"].compactMap { CountdownMove(large, $0, small, bound: bound) }
      }
    }
    return found
  }

  func randomMove(_ random: inout Random) -> CountdownMove? {
    let moves = moves
    return moves.isEmpty ? nil : moves[random.below(moves.count)]
  }

  /// The pool without the move's operands and with its result.
  func after(_ move: CountdownMove) -> CountdownPool {
    var pool = self
    pool.take(move.left)
    pool.take(move.right)
    pool.numbers.append(move.result)
    return pool
  }

  /// Removes the number once; false where it is not there.
  @discardableResult mutating func take(_ number: Int) -> Bool {
    guard let index = numbers.firstIndex(of: number) else { return false }
    numbers.remove(at: index)
    return true
  }

  /// Probability that uniformly drawn moves end on the target.
  func chance(of target: Int) -> Double {
    guard numbers.count > 1 else { return numbers == [target] ? 1 : 0 }
    let moves = moves
    guard !moves.isEmpty else { return 0 }
    return moves.reduce(0) { $0 + after($1).chance(of: target) } / Double(moves.count)
  }

  /// Moves that end on the target; nil where there are none.
  func solution(reaching target: Int) -> [CountdownMove]? {
    guard numbers.count > 1 else { return numbers == [target] ? [] : nil }
    for move in moves {
      if let rest = after(move).solution(reaching: target) { return [move] + rest }
    }
    return nil
  }

  func reaches(_ target: Int) -> Bool {
    guard numbers.count > 1 else { return numbers == [target] }
    return moves.contains { after($0).reaches(target) }
  }
}
