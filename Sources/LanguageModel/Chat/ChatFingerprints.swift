extension ChatFamily {
  /// The families by the fingerprints of their templates; see `TemplateParts.fingerprint`.
  static let byFingerprint: [String: ChatFamily] = [
    // ChatML with and without a default system message: SmolLM2, Qwen2.
    "ae09d37af16cbc66ba033e2551800fc6fad198cc03159f16adaf0b97eaa7fa4f": .chatML,
    "b7b0f26a7802a3ccc202baaa04cd368bcf19310629705730be8f93e514d004b9": .chatML,
    "fef99c65f02d1b0eefe75463ade114b1fa8095d2e796bcd87f70d455f339f796": .chatML,
    // Qwen2.5 and Qwen3-Instruct-2507, which write ChatML where there are no tools.
    "98b9f4fac73378501e77f0a1c2b36a70cd37e5d77e8f466340d8eb9f27a75dfe": .chatML,
    "5559920982b4d43e685ea15025e23555ee944bef10ef5761df9cddccf3f53cb7": .chatML,
    // Qwen3, as it came out and as it is now.
    "bc1a3ab5df93c96413333bfa12a7cec137be077ce509ed0dcce95bb0a696ac5e": .qwen3,
    "16afa57c45fb9f8c4c03c07f9ba8ed5cd40cb0dbfe82c41f00a8769fbdbaabb1": .qwen3,
    "99e207af7058607e13b4c6ac19d80b50c01f2eca408ac57ca084ccf0287d59af": .qwen3Thinking,
    "1126ff75a23e795118058d19810f2ff38cfe94eea69db3e5f781e96d816bb013": .qwq,
    "77e20a32a9edfda43ed242797d3fea48e1e717045a7e63713ebb1a557b62b078": .llama3,
    "1bddd4c2fe6c34903a0a6213e554c2dc409fd1791717b51e65f4773c13020754": .llama31,
    "5634a228cf4ead2ab23c8b9bcbbc305e83519bf5635a293fa5cf0c682ac7e8c1": .llama32,
    "9407cc095a7182f37c8284b85c545f1ea36f6ceef8e90a40c1ac24a6f28ffb1a": .deepSeekDistilled,
  ]
}
