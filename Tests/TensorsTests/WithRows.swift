import Tensors

extension [Float] {
  /// Calls the body with the numbers as rows of `stride` each, which are only read.
  func withRows<Result>(of stride: Int, _ body: (Rows) -> Result) -> Result {
    withUnsafeBufferPointer { numbers in
      guard let start = numbers.baseAddress else { preconditionFailure("no numbers") }
      return body(Rows(reading: start, stride: stride, count: numbers.count / stride))
    }
  }

  /// Calls the body with the numbers as rows of `stride` each, which may be written.
  mutating func withMutableRows<Result>(of stride: Int, _ body: (Rows) -> Result) -> Result {
    withUnsafeMutableBufferPointer { numbers in
      guard let start = numbers.baseAddress else { preconditionFailure("no numbers") }
      return body(Rows(start, stride: stride, count: numbers.count / stride))
    }
  }
}
