/// Draws the state.
public func view(_ state: WorkbenchState) -> Grid { Grid(size: state.size) }
