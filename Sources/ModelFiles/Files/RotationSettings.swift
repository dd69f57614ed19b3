import LanguageModel

/// How a `config.json` says that queries and keys are turned by their positions.
struct RotationSettings: Equatable {
  /// Base of the frequencies; nil where the object does not say.
  var base: Double?
  /// Positions are divided by this.
  var factor = 1.0
  /// Llama 3's stretching; nil leaves the frequencies.
  var scaling: RopeScaling?

  fileprivate func turnsAlike(_ other: RotationSettings) -> Bool {
    factor == other.factor && scaling == other.scaling
  }
}

extension ModelSettings {
  /// The rotation, which transformers 4 and 5 keep in different keys.
  func rotation() throws -> RotationSettings {
    let newer = try object("rope_parameters").map { try nested($0) }
    let older = try object("rope_scaling").map { try nested($0) }
    let outer = try number("rope_theta", ShapeLimits.ropeBase)
    if let outer, let inner = newer?.base ?? older?.base, outer != inner {
      throw error(
        "‘rope_theta’ is \(outer) and \(newer?.base == nil ? "‘rope_scaling’" : "‘rope_parameters’") "
          + "says \(inner); make them agree.")
    }
    if let share = try number("partial_rotary_factor", 0...1), share != 1 {
      throw error("‘partial_rotary_factor’ is \(share); only whole rotation is supported.")
    }
    if let newer, let older, !newer.turnsAlike(older) {
      throw error("‘rope_parameters’ and ‘rope_scaling’ differ; make them agree.")
    }
    var rotation = newer ?? older ?? RotationSettings()
    rotation.base = newer?.base ?? older?.base ?? outer
    return rotation
  }

  private func object(_ key: String) throws -> JSON? {
    guard let value = json[key], !value.isNull else { return nil }
    guard value.members != nil else {
      throw error("‘\(key)’, the settings of the rotation, is no object.")
    }
    return value
  }

  /// The settings of an object, which may hold one for each type of layer.
  private func nested(_ object: JSON) throws -> RotationSettings {
    let members = (object.members ?? []).filter { !$0.value.isNull }
    guard !members.isEmpty, members.allSatisfy({ $0.value.members != nil }) else {
      return try settings(object)
    }
    let all = try members.map { try settings($0.value) }
    guard all.allSatisfy({ $0 == all[0] }) else {
      let names = members.map { quoted($0.key) }.joined(separator: " and ")
      throw error("the settings of the rotation differ for \(names), which is not supported.")
    }
    return all[0]
  }

  private func settings(_ object: JSON) throws -> RotationSettings {
    var rotation = RotationSettings(
      base: try number("rope_theta", ShapeLimits.ropeBase, in: object))
    for key in ["partial_rotary_factor"] {
      if let share = try number(key, 0...1, in: object), share != 1 {
        throw error("‘\(key)’ is \(share); only whole rotation is supported.")
      }
    }
    if let sections = object["mrope_section"], !sections.isNull {
      throw error("‘mrope_section’ is set; rotation by several positions is not supported.")
    }
    switch object["rope_type"]?.string ?? object["type"]?.string {
    case "default": break
    case nil:
      guard try number("factor", 0...1e9, in: object) ?? 1 == 1 else {
        throw error(
          "the settings of the rotation have a ‘factor’ and no ‘rope_type’; say \"linear\", "
            + "\"llama3\" or \"default\".")
      }
    case "linear": rotation.factor = try need("factor", 1e-3...1e6, in: object)
    case "llama3": rotation.scaling = try llama3(object)
    case let type:
      throw error(
        "rotation of type \(quoted(type ?? "?")) is not supported; default, linear and llama3 are."
      )
    }
    return rotation
  }

  private func need(
    _ key: String, _ range: ClosedRange<Double>, in object: JSON
  ) throws -> Double {
    guard let value = try number(key, range, in: object) else {
      throw error("‘\(key)’ is missing in the settings of the rotation.")
    }
    return value
  }

  private func llama3(_ object: JSON) throws -> RopeScaling {
    var scaling = RopeScaling()
    scaling.factor = try need("factor", 1...1e6, in: object)
    scaling.lowFactor = try need("low_freq_factor", 1e-6...1e6, in: object)
    scaling.highFactor = try need("high_freq_factor", 1e-6...1e6, in: object)
    scaling.originalContext = try need("original_max_position_embeddings", 1...1e9, in: object)
    guard scaling.lowFactor < scaling.highFactor else {
      throw error("‘low_freq_factor’ must be below ‘high_freq_factor’.")
    }
    return scaling
  }
}
