import LanguageModel
import Testing
import Trajectories

@testable import Learning

@Suite struct AdapterChoiceTests {
  @Test func `a recipe names the layers that a policy can adapt`() {
    #expect(AdapterChoice.layers == LinearLayer.allCases.map(\.rawValue))
    var choice = AdapterChoice()
    #expect(choice.settings == nil)
    choice.rank = 4
    #expect(choice.settings?.targets == LinearLayer.allCases)
    choice.targets = "v_proj,q_proj"
    #expect(choice.settings?.targets == [.query, .value])
  }

  @Test func `what was read from an adapter's files stands in the recipe`() throws {
    var settings = LowRankSettings()
    (settings.rank, settings.alpha, settings.isRankStabilised) = (5, 2.5, true)
    var choice = AdapterChoice(settings, start: "folder")
    #expect(choice.targets == AdapterChoice.all && choice.start == "folder")
    #expect(choice.settings == settings)
    settings.targets = [.down]
    choice = AdapterChoice(settings, start: "folder")
    #expect(choice.settings == settings)
  }
}
