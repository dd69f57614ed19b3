/// Changes the state by what happened and says what is wanted.
public func update(_ state: inout WorkbenchState, _ action: Action) -> [Request] { [] }
