// What may be said about a document: names that play tricks, and titles, collections and metadata of odd shapes.

import type { Code } from '../../src/core/errors.ts'
import type { DocumentSource } from '../../src/core/factory.ts'
import type { Row } from './house.ts'

/** A document's description, and how it is kept or why it is not. */
export interface NameRow extends Row {
  code?: Code
  says: readonly string[]
  /** What is kept of the description, if it is. */
  kept?: { name?: string; title?: string; metadata?: object }
  /** Everything but the text. */
  source: unknown
}

function refused(code: Code, given: string, source: unknown, says: readonly string[]): NameRow {
  return { given, gets: `refused: ${code}`, code, source, says }
}

function kept(given: string, source: unknown, as: NonNullable<NameRow['kept']>, gets: string): NameRow {
  return { given, gets, source, kept: as, says: [] }
}

const named = (given: string, name: string, says: readonly string[]): NameRow =>
  refused('invalid', given, { name }, says)

/** Something of this many levels. */
function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = { a: value }
  return value
}

const circle: Record<string, unknown> = {}
circle['circle'] = circle

export const nameRows: NameRow[] = [
  named('the name `../../x.md`', '../../x.md', ['../../x.md', '«..»', 'without it']),
  named('the name `a/../../x.md`', 'a/../../x.md', ['a/../../x.md', '«..»']),
  named('the name `..\\x.md`', '..\\x.md', ['«..»']),
  named('a name of dots and slashes only', './/./.', ['says nothing', 'letters or digits']),
  named('a name of white space only', ' \u3000 ', ['needs a name']),
  named('an empty name', '', ['needs a name']),
  refused('invalid', 'no name', {}, ['needs a name']),
  named('a name with NUL', 'a\0.md', ['a\\u0000.md', 'control characters']),
  named('a name with a line break', 'a\nb.md', ['a\\nb.md', 'control characters']),
  named('a name with a terminal sequence', '\u001b[31mred.md', ['control characters', 'can be shown']),
  named('a name whose characters turn others around', 'report\u202efdp.md', ['control characters']),
  named('a name with half a surrogate pair', 'a\ud800.md', ['a\\ud800.md', 'can be shown']),
  named('a name of 10,000 characters', 'x'.repeat(10_000), ['xxx', 'has 10000 characters', 'at most 1024']),
  kept('an absolute name', { name: '/etc/passwd.md' }, { name: 'etc/passwd.md' }, 'kept without its root'),
  kept(
    'a name with a drive',
    { name: 'C:\\Users\\me\\a.md' },
    { name: 'Users/me/a.md' },
    'kept without its drive, with slashes',
  ),
  kept(
    'a name on another machine',
    { name: '\\\\server\\share\\b.md' },
    { name: 'server/share/b.md' },
    'kept without its root',
  ),
  kept('a name with white space around it', { name: '  c.md  ' }, { name: 'c.md' }, 'kept without it'),
  kept(
    'a name in decomposed characters',
    { name: 'cafe\u0301.md' },
    { name: 'caf\u00e9.md' },
    'kept composed, so that both ways to write it are one',
  ),
  kept(
    'a name with a letter that only looks Latin',
    { name: 'p\u0430ssword.md' },
    { name: 'p\u0430ssword.md' },
    'kept as it is',
  ),
  kept(
    'a name with quotes and HTML',
    { name: `<img src=x onerror="alert('1')">.md` },
    { name: `<img src=x onerror="alert('1')">.md` },
    'kept as it is',
  ),
  kept(
    'a name with SQL',
    { name: `'); DROP TABLE documents; --.md` },
    { name: `'); DROP TABLE documents; --.md` },
    'kept as it is',
  ),
  kept('a name that objects have already', { name: '__proto__' }, { name: '__proto__' }, 'kept as it is'),
  refused('invalid', 'a name that is a number', { name: 5 }, ['name must be of type string, not number']),
  refused('invalid', 'a title that is a list', { name: 'a.md', title: [] }, ['title must be of type string']),
  refused('invalid', 'a title of 2,000 characters', { name: 'a.md', title: 'x'.repeat(2_000) }, [
    'title has 2000 characters',
    'at most 1024',
  ]),
  refused('invalid', 'a title with a terminal sequence', { name: 'a.md', title: '\u001b[2J' }, [
    'title',
    'control characters',
  ]),
  kept('a blank title', { name: 'blank.md', title: '  ' }, { title: 'blank.md' }, 'as without one'),
  refused('invalid', 'the collection `../x`', { name: 'a.md', collection: '../x' }, [
    'collection "../x" is no name',
    'letters',
  ]),
  refused('invalid', 'an empty collection', { name: 'a.md', collection: '' }, ['collection "" is no name']),
  refused('invalid', 'a key that a document does not have', { name: 'a.md', colection: 'x' }, [
    'colection: no such field',
  ]),
  refused('invalid', 'metadata that is a list', { name: 'a.md', metadata: ['x'] }, ['metadata must be an object']),
  refused('invalid', 'metadata with a date object', { name: 'a.md', metadata: { on: new Date(0) } }, [
    'metadata.on of a.md is of type object',
    'give texts',
  ]),
  refused('invalid', 'metadata with a function', { name: 'a.md', metadata: { run: () => 1 } }, [
    'metadata.run of a.md is of type function',
  ]),
  refused('invalid', 'metadata with NaN', { name: 'a.md', metadata: { year: NaN } }, [
    'metadata.year of a.md is NaN',
    'finite numbers',
  ]),
  refused('invalid', 'metadata that holds itself', { name: 'a.md', metadata: circle }, [
    'nested deeper than 16 levels',
  ]),
  refused('invalid', 'metadata nested 100,000 deep', { name: 'a.md', metadata: nested(100_000) }, [
    'nested deeper than 16 levels',
    'flatten it',
  ]),
  refused('too-large', 'metadata of 20,000 characters', { name: 'a.md', metadata: { a: 'x'.repeat(20_000) } }, [
    'has 20008 characters',
    'at most 16384',
  ]),
  refused(
    'invalid',
    'metadata with the key __proto__',
    { name: 'a.md', metadata: JSON.parse('{"a": {"__proto__": {"polluted": true}}}') as unknown },
    ['key __proto__', 'something else'],
  ),
  kept(
    'metadata with the key constructor',
    { name: 'class.md', metadata: { constructor: 'Brunel' } },
    { metadata: { constructor: 'Brunel' } },
    'kept as it is',
  ),
  refused('invalid', 'a document given twice, as path and as text', { name: 'a.md', path: '/tmp/a.md' }, [
    'exactly one of path, text and bytes',
    '2 were given',
  ]),
  refused('invalid', 'a text that is a number', { name: 'a.md', text: 7 }, ['text must be of type string, not number']),
  refused('invalid', 'bytes that are a string', { name: 'a.md', text: undefined, bytes: 'words' }, [
    'bytes must be a Uint8Array',
  ]),
  refused('invalid', 'a stream of strings', { name: 'a.md', text: undefined, bytes: strings() }, [
    'bytes of a.md come as string',
    'leave the encoding out',
  ]),
  refused('invalid', 'nothing but a string', 'a.md', ['The document must be']),
]

async function* strings(): AsyncGenerator<string> {
  yield 'words'
}

/** The source of a row: with a text of its own, unless it gives one or says that it has none. */
export function sourceOf(row: NameRow): DocumentSource {
  const { source } = row
  if (typeof source !== 'object') return source as unknown as DocumentSource
  return { text: `Words about ${row.given}.`, ...source }
}
