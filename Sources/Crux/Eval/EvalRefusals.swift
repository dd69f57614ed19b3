import ArgumentParser

// Each way to use crux eval looks at some options; the others are refused.
extension EvalCommand {
  /// Refuses options that the chosen way to use crux eval does not look at.
  func refuseUnused() throws {
    if checkGrader { return try refuseBesideGrader() }
    guard stepLabels else { return try refuseBesideMeasuring() }
    try refuse(drawing, "with --step-labels rollouts are drawn, as many as --rollouts says.")
    if labels != nil {
      try refuseFinder("--labels are scored as they stand, without a policy.")
    } else if files.isEmpty {
      try refuse(
        ["--style": style != nil, "--gold": gold != nil],
        "the task words its own problems and knows the answers.")
    } else if options.model == nil, recipe == nil {
      try refuseFinder("the files are only shown; name a policy with --model.")
    }
    guard try limits.map({ try numbers($0, "--limits") })?.count ?? 1 == 1 else {
      throw ValidationError("With --step-labels, --limits is one number.")
    }
  }

  private func refuseBesideGrader() throws {
    let reason = "--check-grader compares verdicts that stand in the files."
    try refuse(["--step-labels": stepLabels, "--labels": labels != nil], reason)
    try refuse(drawing, reason)
    try refuse(asking, reason)
    try options.refuse(reason)
  }

  private func refuseBesideMeasuring() throws {
    try refuse(
      [
        "--labels": labels != nil, "--gold": gold != nil, "--rollouts": rollouts != nil,
        "--rule": rule != nil,
      ], "they belong to --step-labels.")
    try refuse(
      ["--style": style != nil && files.isEmpty], "the task words its own problems; name a file.")
    try refuse(
      [
        "--k": attempts != "1" && samples == 0, "--temperature": temperature != nil && samples == 0,
      ],
      "they are about drawn answers; ask for some with --samples.")
  }

  /// Refuses what is about looking for the first error with a policy.
  private func refuseFinder(_ reason: String) throws {
    try refuse(["--answers": answers != nil], reason)
    try refuse(asking, reason)
    try options.refuse(reason)
  }

  /// What is about answers to benchmarks.
  private var drawing: KeyValuePairs<String, Bool> {
    ["--samples": samples != 0, "--no-greedy": !greedy, "--k": attempts != "1"]
  }

  /// What is about a policy that looks for first errors.
  private var asking: KeyValuePairs<String, Bool> {
    [
      "--recipe": recipe != nil, "--count": count != nil, "--temperature": temperature != nil,
      "--limits": limits != nil, "--style": style != nil, "--gold": gold != nil,
      "--rollouts": rollouts != nil, "--rule": rule != nil,
    ]
  }
}
