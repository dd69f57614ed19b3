import Foundation
import LanguageModel
import Learning

/// A model folder in memory: the policy and its tokenizer.
struct LoadedModel {
  let folder: URL
  let policy: Transformer
  let tokenizer: Tokenizer
  let configuration: Configuration

  init(_ folder: URL) throws {
    let files = try ModelFolder(contentsOf: folder)
    guard let tokenizer = files.tokenizer else {
      throw Complaint(
        "\(folder.path) has no tokenizer.json; put the tokenizer of the model beside its weights.")
    }
    self.folder = folder
    self.tokenizer = tokenizer
    configuration = files.configuration
    policy = Transformer(
      architecture: files.configuration.architecture, parameters: files.parameters)
  }

  /// Text to tokens and back, as learning sees it.
  var codec: any TextCodec { TokenizerCodec(self) }
}

/// The model's tokenizer as learning sees it: nothing added, end tokens shown.
struct TokenizerCodec: TextCodec {
  private let tokenizer: Tokenizer
  let endTokens: Set<Token>

  init(_ model: LoadedModel) {
    tokenizer = model.tokenizer
    endTokens = Set(model.configuration.endTokens)
  }

  func encode(_ text: String) -> [Token] { tokenizer.encode(text, addSpecialTokens: false) }
  func decode(_ tokens: [Token]) -> String { tokenizer.decode(tokens, skipSpecial: false) }
  func pieces(_ tokens: [Token]) -> [String] { tokenizer.pieces(tokens) }
}
