import LanguageModel
import Learning
import Records
import ServedPolicy
import Trajectories
import Workbench

// Servers that draw in place of the embedded engine.
extension Engine {
  /// Asks the servers that the run, or whoever opened it, names; answers whether there are any.
  ///
  /// One that does not answer is told, and asked again when something is to be drawn.
  func serve(_ trainer: Trainer) -> Bool {
    guard let server = server(of: trainer.run) else { return false }
    label = "asking \(server.choice.urls)"
    inbox.post(
      .progress(
        EngineProgress(label: label, done: 0, total: 0, secondsLeft: nil, rollouts: 0)))
    do { _ = try sampler() } catch {
      inbox.post(.served(["no server yet"]))
      if !thread.isCancelled { inbox.post(.message(sentence(for: error), .error)) }
    }
    return true
  }

  /// The servers that draw in place of a run's own policy; nil where it draws itself.
  private func server(of run: OpenedRun) -> ServedModel? {
    let choice = wantedServer ?? run.recipe.server
    if server == nil, choice.isNamed {
      server = ServedModel(choice) { [thread] in thread.isCancelled }
    }
    return server
  }

  /// The same sampler with the servers' policy; nil where the embedded one draws.
  func served(_ sampler: RolloutSampler, of run: OpenedRun) throws -> RolloutSampler? {
    guard let server = server(of: run) else { return nil }
    let isNew = server.policy == nil
    let served = try server.sampler(in: sampler, of: run.store)
    if isNew, let policy = server.policy {
      try announce(policy, policy.words(of: server.choice, Sampling(sampler.recipe.sampling)), run)
    }
    return served
  }

  /// Tells which servers draw, and what they can do, here and in the run's record.
  private func announce(_ policy: ServedPolicy, _ words: String, _ run: OpenedRun) throws {
    inbox.post(.served(policy.titles))
    if run.readOnly == nil, try ready().history.warnings.last != words {
      try ready().append([.warned(message: words)])
    }
    let waiting = try run.store.arrivalCount
    let before = waiting > 0 ? "\(waiting) rollouts that it drew before are at hand. " : ""
    let isText = policy.capabilities.fidelity == .text
    inbox.post(.message(before + words, isText ? .warning : .information))
  }

  /// Tells why a server ended the work under way; what was drawn until then counts.
  func tellServerFailure() {
    guard !thread.isCancelled, let failure = server?.failure else { return }
    inbox.post(.message(failure, .error))
  }

  /// Refuses to train what lives elsewhere.
  func refuseServedTraining() throws {
    guard let server else { return }
    throw Complaint(
      "The weights live on the server at \(server.choice.urls): export what was marked "
        + "(crux export) and train there.")
  }

  /// Refuses another version of a policy that a server draws by.
  func refuseServedComparison() throws {
    guard let server else { return }
    throw Complaint(
      "The server at \(server.choice.urls) holds one version of the policy; serve the trained one "
        + "and open the run with it to ask the same step again.")
  }
}
