import Foundation
import Records
import Testing
import Trajectories
import Workbench

@testable import Session
@testable import TerminalTesting

extension ProcessWideTests {
  /// A study is trained in front of the workbench, and what is finished is found again.
  struct StudySessionTests {
    private static let study = """
      model = "\(Workplace.root.path)/samples/tiny"
      seeds = [0]
      baseline = "plain"
      updates = 2
      [objective]
      groups = 4
      group_size = 4
      [evaluation]
      every = 1
      problems = 12
      [tasks.four]
      task.hard = 4
      [methods.plain]
      resets.start = "none"
      [methods.fair]
      resets.start = "none"
      tokens_of = "plain"
      [methods.cool]
      untrained = true
      sampling.temperature = 0.3
      """

    /// How many trainings the session said last were finished.
    private func finished(_ driven: DrivenSession) -> Int? {
      driven.heard.compactMap { if case .study(_, let finished) = $0 { finished } else { nil } }
        .last
    }

    @Test func `all trainings are made once, and a session opened anew knows them`() throws {
      let place = try Workplace()
      defer { place.remove() }
      let file = try place.file("study.toml", Self.study)
      let study = try StudyFile.read(file)
      let driven = try DrivenSession(
        StudySession(study, in: file, readOnly: false, inbox: Inbox()))
      #expect(finished(driven) == 0)
      try driven.perform(.train(.start))
      #expect(finished(driven) == study.cells.count)
      try driven.perform(.train(.pause), .train(.stop))
      driven.close()
      let again = try DrivenSession(StudySession(study, in: file, readOnly: true, inbox: Inbox()))
      #expect(finished(again) == study.cells.count)
      again.close()
      #expect(try StudyRun(finishedOf: study, in: file).finished == study.cells.count)
    }
  }
}
