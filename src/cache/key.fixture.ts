// Where keys of arguments go wrong: what looks alike and is not, what looks different and is the same, and what can have no key.

class Point {
  x = 1
}
class Hidden {
  #secret: number
  constructor(secret: number) {
    this.#secret = secret
  }
  get secret() {
    return this.#secret
  }
}

/** Pairs that must have two keys. */
export const different: [string, unknown, unknown][] = [
  ['undefined in a list and null', [undefined], [null]],
  ['maps', new Map([[1, 2]]), new Map([[1, 3]])],
  ['a map and an object', new Map([['a', 1]]), { a: 1 }],
  ['sets', new Set([1]), new Set([2])],
  ['a set and a list', new Set([1]), [1]],
  ['a big integer and a number', 1n, 1],
  ['big integers', 1n, 2n],
  ['a date and its text', new Date(0), new Date(0).toISOString()],
  ['a date and its number', new Date(0), 0],
  ['NaN and null', Number.NaN, null],
  ['minus zero and zero', -0, 0],
  ['a number and its text', 1, '1'],
  ['true and its text', true, 'true'],
  ['float arrays', new Float32Array([1]), new Float32Array([2])],
  ['arrays of other types with the same bytes', new Uint8Array([1, 0]), new Uint16Array([1])],
  ['a border between strings', ['ab', 'c'], ['a', 'bc']],
  ['a string that looks like the text of two', ['a', 'b'], ['as1:b']],
  ['a border between lists', [[1], 2], [[1, 2]]],
  ['a key that looks like a value', { a: 'b' }, { b: 'a' }],
  ['nothing and an empty object', undefined, {}],
  ['an empty list and an empty object', [], {}],
  ['composed and decomposed letters', 'é', 'é'.normalize('NFD')],
  ['a set of strings and one of their text', new Set(['a', 'b']), new Set(['as1:b'])],
  ['__proto__ as a property', JSON.parse('{"__proto__":1}'), {}],
]

/** Pairs that must have one. */
export const same: [string, unknown, unknown][] = [
  ['properties in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['a missing property and an undefined one', { a: 1 }, { a: 1, b: undefined }],
  ['a signal', { a: 1, signal: new AbortController().signal }, { a: 1 }],
  ['maps in another order', new Map([[1, 1], [2, 2]]), new Map([[2, 2], [1, 1]])], // prettier-ignore
  ['objects without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
]

const circle: Record<string, unknown> = {}
circle['self'] = { circle }
/** What has none. */
export const refused: [string, unknown][] = [
  ['a function', () => 1],
  ['a symbol', Symbol('x')],
  ['an instance of a class', new Point()],
  ['an instance with private fields', new Hidden(1)],
  ['an error', new Error('x')],
  ['a regular expression', /x/u],
  ['a promise', Promise.resolve()],
  ['a circle', circle],
  ['half a surrogate pair', '\ud800'],
  ['a symbol for a property', { [Symbol('x')]: 1 }],
  ['a subclass of a list', new (class extends Array {})()],
]
