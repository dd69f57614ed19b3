import Tensors
import Testing

/// The examples of FIPS 180-4.
@Suite struct DigestTests {
  private func digest(_ parts: [[UInt8]]) -> String {
    var digest = Digest()
    for part in parts { part.withUnsafeBytes { digest.add($0) } }
    return digest.hexadecimal
  }

  @Test func `nothing and short texts have the digests of the standard`() {
    #expect(
      digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      digest([Array("abc".utf8)])
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
    #expect(
      digest([Array(two.utf8)])
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test(arguments: [1, 7, 63, 64, 65, 1000, 1_000_000])
  func `a million letters have their digest in parts of any size`(part: Int) {
    let parts = stride(from: 0, to: 1_000_000, by: part).map { start in
      [UInt8](repeating: 0x61, count: min(part, 1_000_000 - start))
    }
    #expect(
      digest(parts) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}
