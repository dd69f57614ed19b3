import Foundation

/// σ(x) = 1 / (1 + e⁻ˣ), without overflow for any finite x.
func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

/// log σ(x), without overflow for any finite x.
func logSigmoid(_ x: Double) -> Double { min(x, 0) - log1p(exp(-abs(x))) }

/// log(1 − eˣ) of x < 0, exact on both sides of −log 2.
func logOneMinusExp(_ x: Double) -> Double { x > -M_LN2 ? log(-expm1(x)) : log1p(-exp(x)) }
