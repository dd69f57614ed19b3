// Takes back what one instruction set defined.
#undef V
#undef U
#undef I
#undef INLINE
#undef LD
#undef ST
#undef FN
#undef LANES
#undef TILE
#undef FEW
#undef FUSED
#undef OWN_PARTS
#undef HALVES_AT
