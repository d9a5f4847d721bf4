// Dot products of many int8 rows with one question, sixteen components at a time (AssemblyScript, WASM SIMD).

/**
 * Writes the dot product of each row with the question to `out`, as i32.
 * `width` is the length of a row in bytes, a multiple of 16; the question holds `width` numbers as i16, widened once
 * by the caller so that the loop widens only the row. |sum| <= width * 127 * 127, which fits i32 up to width 133,000.
 */
export function dot(rows: usize, count: i32, width: i32, question: usize, out: usize): void {
  const bytes = <usize>width
  let row = rows
  let at = out
  let left = count
  // Two rows at a time share the loads of the question.
  for (; left > 1; left -= 2) {
    const second = row + bytes
    let a0 = i32x4.splat(0)
    let a1 = i32x4.splat(0)
    let b0 = i32x4.splat(0)
    let b1 = i32x4.splat(0)
    for (let d: usize = 0; d < bytes; d += 16) {
      const low = v128.load(question + (d << 1))
      const high = v128.load(question + (d << 1), 16)
      const a = v128.load(row + d)
      const b = v128.load(second + d)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), low))
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), high))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(b), low))
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(b), high))
    }
    store<i32>(at, sum(i32x4.add(a0, a1)))
    store<i32>(at, sum(i32x4.add(b0, b1)), 4)
    row = second + bytes
    at += 8
  }
  if (left > 0) {
    let a0 = i32x4.splat(0)
    let a1 = i32x4.splat(0)
    for (let d: usize = 0; d < bytes; d += 16) {
      const a = v128.load(row + d)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), v128.load(question + (d << 1))))
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), v128.load(question + (d << 1), 16)))
    }
    store<i32>(at, sum(i32x4.add(a0, a1)))
  }
}

function sum(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3)
}
