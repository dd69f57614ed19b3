import Foundation
import GRDB

/// A run of the first schema, byte for byte as an earlier Crux wrote its rows.
enum FirstSchema {
  struct Row {
    var kind: String
    var trajectory: String?
    var payload: String

    init(_ kind: String, _ trajectory: String?, _ payload: String) {
      (self.kind, self.trajectory, self.payload) = (kind, trajectory, payload)
    }
  }

  /// Writes the run into a folder, as one plain file or with a log beside it.
  static func write(to folder: URL, wal: Bool = false, rows: [Row] = rows) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let queue = try DatabaseQueue(path: folder.appendingPathComponent("run.sqlite").path)
    if wal {
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
    }
    try queue.write { database in
      try database.execute(sql: schema)
      for (place, row) in rows.enumerated() {
        try database.execute(
          sql: "INSERT INTO event (time, kind, trajectory, payload) VALUES (?, ?, ?, ?)",
          arguments: [100.5 + Double(place), row.kind, row.trajectory, row.payload])
      }
      try database.execute(
        sql: """
          INSERT INTO trajectory_text (trajectory, prompt, response)
          VALUES ('update-20/34', '1 *3 -5 +5', '-5 29')
          """)
    }
    try queue.close()
  }

  static let schema = """
    CREATE TABLE event (
      id INTEGER PRIMARY KEY,
      time REAL NOT NULL,
      kind TEXT NOT NULL,
      trajectory TEXT,
      payload TEXT NOT NULL
    );
    CREATE INDEX event_by_kind ON event (kind, id);
    CREATE INDEX event_by_trajectory ON event (trajectory, id) WHERE trajectory IS NOT NULL;
    CREATE TRIGGER event_never_changes BEFORE UPDATE ON event
      BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
    CREATE TRIGGER event_never_goes BEFORE DELETE ON event
      BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
    CREATE VIRTUAL TABLE trajectory_text USING fts5 (
      trajectory UNINDEXED, prompt, response, tokenize = 'trigram'
    );
    PRAGMA application_id = \(0x4372_7578);
    PRAGMA user_version = 1;
    """

  static let rows: [Row] = [
    Row(
      "started", nil,
      ##"""
      {"started":{"_0":{"machine":"AMD EPYC, 2 processors, OpenBLAS Cooperlake, kernels avx512\##
      ","parameters":109376,"recipe":{"evaluation":{"every":10,"problems":250,"samples":1,"see\##
      d":999},"model":"tiny","objective":{"batch":64,"beta":0.3,"clipHigh":0.2,"clipLow":0.2,"\##
      entropyCoefficient":0,"groupSize":8,"groups":32,"klCoefficient":0,"method":"grpo","nllWe\##
      ight":1,"normaliser":"dr-grpo","pairs":400,"pairsPerProblem":2,"passes":1,"rolloutsPerPr\##
      oblem":16,"scaleRewards":true},"optimiser":{"beta1":0.9,"beta2":0.95,"clipNorm":1,"epsil\##
      on":1e-08,"finalShare":0.1,"learningRate":0.0002,"schedule":"constant","warmUp":10,"weig\##
      htDecay":0},"record":{"checkpointEvery":20,"trajectories":8},"resets":{"buffer":64,"newP\##
      erUpdate":4,"share":0.5,"start":"critical"},"sampling":{"limit":48,"minP":0,"temperature\##
      ":1,"topK":0,"topP":1},"seed":0,"steps":{"maximum":30,"minimumTokens":1},"task":{"answer\##
      ":"value","hard":4,"length":8,"modulus":31,"name":"chains","reward":"answer"},"updates":\##
      60,"values":{"adaptive":false,"budget":512,"confidence":0.8,"floor":0.2,"minimumAdvantag\##
      e":0.1,"rollouts":8,"rule":"paper-absolute"}},"version":"0.1.0"}}}
      """##),
    Row(
      "sampled", "update-20/34",
      ##"""
      {"sampled":{"_0":{"chainCorrect":true,"id":"update-20/34","logProbabilities":[-1.1444026\##
      e-05,-0.3262011,-4.5417706e-05,-7.0211805e-05,-0.0010499209,-5.960463e-07,-8.344616e-06,\##
      -0.022985918,-1.9788546e-05],"policyVersion":19,"problem":{"guessChance":0.0322580645161\##
      2903,"id":"chains/0/1.20.4","prompt":"1 *3 -5 +5 -3 *8 *2 *6 +4 ?v :","reference":"4","s\##
      olution":"*3 3\n-5 29\n+5 3\n-3 0\n*8 0\n*2 0\n*6 0\n+4 4\n# 4 $","task":"chains"},"prom\##
      ptTokens":[38,25,23,22,19,30,24,28,20,5,3],"responseTokens":[25,40,2,23,66,2,22,40,2],"r\##
      eward":1,"seed":11545070942267767656,"steps":[{"end":3,"note":"","start":0,"text":"*3 3\\##
      n","verdict":"right"},{"end":6,"note":"","start":3,"text":"-5 29\n","verdict":"right"},{\##
      "end":9,"note":"","start":6,"text":"+5 3\n","verdict":"right"}],"truncated":false}}}
      """##),
    Row(
      "valued", "update-20/34",
      ##"""
      {"valued":{"_0":{"policyVersion":19,"seconds":0.005459501250015819,"tokens":1080,"trajec\##
      tory":"update-20/34","values":[{"boundary":0,"high":0.33626711688020805,"low":0.00280913\##
      6746236618,"mean":0,"rewardSum":0,"rollouts":8,"truncated":0},{"boundary":1,"high":0.787\##
      9914932213978,"low":0.21200850677860217,"mean":0.5,"rewardSum":4,"rollouts":8,"truncated\##
      ":0},{"boundary":2,"high":0.7007049437911519,"low":0.1369956622652353,"mean":0.375,"rewa\##
      rdSum":3,"rollouts":8,"truncated":0},{"boundary":3,"high":1,"low":1,"mean":1,"rewardSum"\##
      :0,"rollouts":0,"truncated":0}]}}}
      """##),
    Row(
      "proposed", "update-20/34",
      ##"""
      {"proposed":{"_0":{"advantage":1,"confidence":0.9835,"high":0.9709180378850714,"leader":\##
      1,"low":0.4665502492269761,"luckyGuess":true,"policyVersion":0,"rollouts":72,"rule":"pap\##
      er-absolute","step":7,"trajectory":"update-20/34"}}}
      """##),
    Row(
      "marked", "update-20/34",
      ##"""
      {"marked":{"_0":{"kind":"marked","step":2,"trajectory":"update-20/34"}}}
      """##),
    Row(
      "recut", "update-20/34",
      ##"""
      {"recut":{"_0":{"kind":"joined","starts":[0,3,6],"steps":[{"end":3,"note":"","start":0,"\##
      text":"*3 3\n","verdict":"right"},{"end":9,"note":"","start":3,"text":"-5 29\n+5 3\n"}],\##
      "token":6,"trajectory":"update-20/34"}}}
      """##),
    Row(
      "undone", nil,
      ##"""
      {"undone":{}}
      """##),
    Row(
      "redone", nil,
      ##"""
      {"redone":{}}
      """##),
    Row(
      "marked", "update-20/34",
      ##"""
      {"marked":{"_0":{"kind":"confirmed","step":1,"trajectory":"update-20/34"}}}
      """##),
    Row(
      "labelled", "update-20/34",
      ##"""
      {"labelled":{"_0":{"blind":true,"person":"Ada","ratings":[1,null,-1],"starts":[0,3,6],"t\##
      rajectory":"update-20/34"}}}
      """##),
    Row(
      "followed", nil,
      ##"""
      {"followed":{"marks":4,"update":10}}
      """##),
    Row(
      "updated", nil,
      ##"""
      {"updated":{"_0":{"bufferMarked":0,"bufferPurity":1,"bufferSize":2,"chainAccuracy":0.042\##
      96875,"clipRatio":0,"entropy":0.38260150780721996,"estimationTokens":4320,"gradientNorm"\##
      :0.05937037389889009,"kl":0,"learningRate":2e-05,"loss":3.426078865054194e-17,"resetShar\##
      e":0,"responseLength":27.00390625,"reward":0.0703125,"seconds":0.1661132990002443,"token\##
      sPerSecond":102393.969070321,"trainingTokens":6913,"truncatedShare":0,"update":1}}}
      """##),
    Row(
      "evaluated", nil,
      ##"""
      {"evaluated":{"_0":{"greedy":0.908,"greedyChain":0.908,"greedyError":0.01831627537942964\##
      ,"policyVersion":0,"problems":250,"sampled":0.068,"sampledChain":0.036,"sampledError":0.\##
      01595374841074702,"samples":1,"temperature":1}}}
      """##),
    Row(
      "checkpointed", nil,
      ##"""
      {"checkpointed":{"update":10}}
      """##),
    Row(
      "resumed", nil,
      ##"""
      {"resumed":{"update":10}}
      """##),
    Row(
      "rolledBack", nil,
      ##"""
      {"rolledBack":{"update":9}}
      """##),
    Row(
      "warned", nil,
      ##"""
      {"warned":{"message":"a \"word\""}}
      """##),
    Row(
      "failed", nil,
      ##"""
      {"failed":{"message":"no more"}}
      """##),
    Row(
      "stopped", nil,
      ##"""
      {"stopped":{}}
      """##),
    Row(
      "finished", nil,
      ##"""
      {"finished":{}}
      """##),
    Row(
      "dreamt", nil,
      ##"""
      {"dreamt":{"_0":{"of":[1,2]}}}
      """##),
  ]
}
