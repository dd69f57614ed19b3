#include "ckernels.h"
#include "ggml.h"

static long scale_bytes(struct ck_stored shape) {
  const long blocks = shape.depth / 32;
  switch (shape.kind) {
    case CK_STORED_SCALE: return blocks * 32;
    case CK_STORED_MINIMUM: return blocks * 64;
    case CK_STORED_SCALES: return blocks / 8 * (64 + 8 * 32);
    case CK_STORED_HALVES: return blocks / 8 * (32 + 8 * 32);
    default: return 0;
  }
}

static long block_bytes(struct ck_stored shape) { return shape.bits * 4 * CK_STORED_PANEL; }

long ck_stored_panel_bytes(struct ck_stored shape) {
  return shape.depth / 32 * block_bytes(shape) + scale_bytes(shape);
}

// A row of a file, block by block: 32 numbers, and what scales them.
struct block {
  int q[32];
  // Halves.
  uint16_t d, m;
  // Of the block among the eight that share d and m.
  uint8_t s, t;
};

// Block b of a row, in the ggml format that the shape stands for.
static void read_block(struct ck_stored shape, const uint8_t *row, long b, struct block *to) {
  const uint8_t *p;
  int scale, minimum;
  switch (shape.kind) {
    case CK_STORED_SCALE:
    case CK_STORED_MINIMUM: {
      const int head = shape.kind == CK_STORED_MINIMUM ? 4 : 2;
      const int high = shape.bits == 5 ? 4 : 0;
      p = row + b * (head + high + (shape.bits == 8 ? 32 : 16));
      to->d = ggml_short(p);
      to->m = head == 4 ? ggml_short(p + 2) : 0;
      p += head;
      if (shape.bits == 8) {
        for (int j = 0; j < 32; j++) to->q[j] = (int8_t)p[j] + 128;
      } else if (shape.bits == 5) {
        ggml_five_bits(p, p + 4, to->q);
      } else {
        for (int j = 0; j < 16; j++) {
          to->q[j] = p[j] & 15;
          to->q[j + 16] = p[j] >> 4;
        }
      }
      return;
    }
    case CK_STORED_SCALES:
      p = row + b / 8 * (shape.bits == 5 ? 176 : 144);
      to->d = ggml_short(p);
      to->m = ggml_short(p + 2);
      ggml_six_bits(p + 4, b % 8, &scale, &minimum);
      to->s = (uint8_t)scale;
      to->t = (uint8_t)minimum;
      if (shape.bits == 5) ggml_group(p + 16, p + 48, b % 8, to->q);
      else ggml_group(0, p + 16, b % 8, to->q);
      return;
    case CK_STORED_HALVES:
      p = row + b / 8 * 210;
      to->d = ggml_short(p + 208);
      to->s = p[192 + 2 * (b % 8)];
      to->t = p[193 + 2 * (b % 8)];
      ggml_six_bit_group(p, b % 8, to->q);
      return;
    default:
      for (int j = 0; j < 32; j++) to->q[j] = ggml_short(row + 2 * (32 * b + j));
  }
}

// The same of IQ4_NL and IQ4_XS, whose steps become whole numbers of eight bits.
static void read_unequal(struct ck_stored shape, const uint8_t *row, long b, struct block *to) {
  const uint8_t *p = row + (shape.kind == CK_STORED_SCALE ? b * 18 : b / 8 * 136), *q = p + 2;
  to->d = ggml_short(p);
  if (shape.kind == CK_STORED_HALVES) {
    to->s = to->t = (uint8_t)ggml_unequal_scale(ggml_short(p + 2), p + 4, b % 8);
    q = p + 8 + 16 * (b % 8);
  }
  for (int j = 0; j < 16; j++) {
    to->q[j] = ggml_unequal[q[j] & 15] + 128;
    to->q[j + 16] = ggml_unequal[q[j] >> 4] + 128;
  }
}

// The numbers of a column into the words of a block.
static void put_numbers(const int bits, const int *q, uint32_t *words) {
  const int each = 32 / bits;
  for (int i = 0; i < bits; i++) {
    uint32_t word = 0;
    for (int j = 0; j < each; j++) word |= (uint32_t)q[i * each + j] << (bits * j);
    if (each * bits < 32)
      word |= (uint32_t)(q[30] >> i & 1) << 30 | (uint32_t)(q[31] >> i & 1) << 31;
    words[i * CK_STORED_PANEL] = word;
  }
}

static void put_scales(struct ck_stored shape, const struct block *from, long b, long column,
                       uint8_t *scales) {
  uint16_t *halves;
  uint8_t *bytes;
  switch (shape.kind) {
    case CK_STORED_SCALE:
      halves = (uint16_t *)(scales + b * 32);
      halves[column] = from->d;
      return;
    case CK_STORED_MINIMUM:
      halves = (uint16_t *)(scales + b * 64);
      halves[column] = from->d;
      halves[16 + column] = from->m;
      return;
    case CK_STORED_SCALES:
      halves = (uint16_t *)(scales + b / 8 * (64 + 8 * 32));
      halves[column] = from->d;
      halves[16 + column] = from->m;
      bytes = (uint8_t *)halves + 64 + b % 8 * 32;
      bytes[column] = from->s;
      bytes[16 + column] = from->t;
      return;
    case CK_STORED_HALVES:
      halves = (uint16_t *)(scales + b / 8 * (32 + 8 * 32));
      halves[column] = from->d;
      bytes = (uint8_t *)halves + 32 + b % 8 * 32;
      bytes[column] = from->s;
      bytes[16 + column] = from->t;
      return;
    default: return;
  }
}

void ck_stored_pack(struct ck_stored shape, bool unequal, long column, const void *row, void *panel) {
  const long blocks = shape.depth / 32;
  uint8_t *to = panel, *scales = to + blocks * block_bytes(shape);
  for (long b = 0; b < blocks; b++, to += block_bytes(shape)) {
    struct block block;
    if (unequal) read_unequal(shape, row, b, &block);
    else read_block(shape, row, b, &block);
    switch (shape.bits) {
      case 4: put_numbers(4, block.q, (uint32_t *)to + column); break;
      case 5: put_numbers(5, block.q, (uint32_t *)to + column); break;
      case 6: put_numbers(6, block.q, (uint32_t *)to + column); break;
      case 8: put_numbers(8, block.q, (uint32_t *)to + column); break;
      default:
        for (int n = 0; n < 32; n++)
          ((uint16_t *)to)[n * CK_STORED_PANEL + column] = (uint16_t)block.q[n];
    }
    put_scales(shape, &block, b, column, scales);
  }
}
