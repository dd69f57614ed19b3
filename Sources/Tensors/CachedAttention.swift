import CKernels

// Attention over cached keys and values. Pages hold 16 tokens each and lie where their pointers
// say, so that rollouts share those of their common beginning. Several queries of one key head read
// a stretch of pages together; each number is still a sum in a fixed order, so it does not depend
// on who shares a page.

/// Products of queries with the keys of pages.
///
/// scores[r, j] = Σ_d q[r, d] · k[j, d] for the positions of the given pages.
///
/// Arguments:
/// - `q`: (queries, headWidth), without padding.
/// - `pages`: Pages in order of position; keys lie at `offset` as (headWidth, 16).
/// - `scores`: (queries, positions); written.
public func pageScores(
  _ q: Rows, headWidth: Int, pages: UnsafePointer<UnsafePointer<Float>?>, range: Range<Int>,
  offset: Int, into scores: Rows
) {
  ck_page_scores(
    q.count, headWidth, q.start, pages, range.lowerBound, range.upperBound, offset, scores.start,
    scores.stride)
}

/// Softmax of the scores divided by √headWidth, in place; the rest of the last page becomes 0.
public func pageSoftmax(_ scores: UnsafeMutablePointer<Float>, count: Int, headWidth: Int) {
  ck_page_softmax(count, 1 / Float(headWidth).squareRoot(), scores)
}

/// Adds the values of some positions, weighted: y[r] += Σ_j p[r, j] · v[j], in the order of j.
///
/// Arguments:
/// - `p`: (queries, positions).
/// - `pages`: As for `pageScores`; values lie at `offset` as (16, headWidth).
/// - `y`: (queries, headWidth), without padding; added to.
public func addPageValues(
  _ p: Rows, headWidth: Int, pages: UnsafePointer<UnsafePointer<Float>?>, positions: Range<Int>,
  offset: Int, to y: Rows
) {
  ck_page_values(
    p.count, headWidth, p.start, p.stride, pages, positions.lowerBound, positions.upperBound,
    offset, y.start)
}

/// Stores the key and value of one token at a slot, 0 ..< 16, of a page.
public func storeKeyValue(
  _ shape: AttentionShape, key: UnsafePointer<Float>, value: UnsafePointer<Float>,
  keyPage: UnsafeMutablePointer<Float>, valuePage: UnsafeMutablePointer<Float>, slot: Int
) {
  ck_cache_store(shape.keyHeads, shape.headWidth, key, value, keyPage, valuePage, slot)
}
