extension Recipe {
  /// The numbers of a task whose problems stand in a file.
  var taskFileSettings: [Setting] {
    [
      Setting(key: "task.held_out", value: task.heldOut, range: 0...0.9, unit: "share"),
      Setting(
        key: "task.reward_seconds", value: task.rewardSeconds, range: 0.1...3600, unit: "seconds"),
    ]
  }

  /// What does not fit about such a task.
  var taskFileContradictions: [String] {
    var found: [String] = []
    if task.name == .file, task.file.isEmpty {
      found.append(
        "task.file is empty, but task.name is \"file\"; name a file of problems, such as "
          + "test.jsonl of GSM8K.")
    }
    if task.name != .file, !task.file.isEmpty {
      found.append(
        "task.file is \(task.file), but task.name is \"\(task.name.rawValue)\", which draws its "
          + "own problems; set task.name to \"file\".")
    }
    if task.name == .file, !task.file.isEmpty, task.heldOutFile.isEmpty, task.heldOut == 0 {
      found.append(
        "task.held_out is 0 and task.held_out_file is empty, so nothing would be left to measure "
          + "with; name a second file or set task.held_out to 0.2.")
    }
    return found
  }
}
