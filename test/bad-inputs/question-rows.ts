// Questions of odd text, of the wrong type, and with odd limits, as a program gives them.

import type { Code } from '../../src/core/errors.ts'
import type { Row } from './house.ts'

/** A question and what it gets; without a code it is answered, or said to have no answer. */
export interface QuestionRow extends Row {
  code?: Code
  says: readonly string[]
  /** What is asked: a text, or an object of fields. */
  asked: unknown
}

function refused(given: string, asked: unknown, says: readonly string[]): QuestionRow {
  return { given, gets: 'refused: invalid', code: 'invalid', asked, says }
}

function answered(given: string, asked: string): QuestionRow {
  return { given, gets: 'an answer, or that there is none', asked, says: [] }
}

/** A question that is fine but for these fields. */
function withField(given: string, fields: object, says: readonly string[]): QuestionRow {
  return refused(given, { text: 'When does the lighthouse open?', ...fields }, says)
}

export const questionRows: QuestionRow[] = [
  refused('an empty question', '', ['is empty', 'ask something']),
  refused('a question of white space only', ' \n\t\u3000 ', ['is empty', 'ask something']),
  refused('a question of 8,001 characters', 'x'.repeat(8_001), ['8000 characters', 'shorten it']),
  answered('a question of 8,000 characters without a space', 'x'.repeat(8_000)),
  answered('a question of 8,000 Han characters', '灯塔几点开门'.repeat(1_333)),
  answered('a question of 4,000 different words', Array.from({ length: 1_600 }, (_, at) => at.toString(36)).join(' ')),
  answered('a question of punctuation', '?!... --- ;;; "" \'\' ()[]{}'),
  answered('a question of emoji', '🚢🔦👩‍👩‍👧‍👦🏳️‍🌈'),
  answered('a question with half surrogate pairs', 'When \ud800 does \udfff it open?'),
  answered('a question with NUL', 'When does\0 it open?'),
  answered('a question of control characters', '\u0001\u0002\u001b[2J\u202e'),
  answered('a question of combining marks', `e${'\u0301'.repeat(2_000)}`),
  answered('a question of SQL', `'; DROP TABLE documents; SELECT * FROM passages WHERE '1'='1`),
  answered(
    'a question of search syntax',
    '"lighthouse" NEAR(open close, 5) AND OR NOT -hours * ^open title:x {a b}: (',
  ),
  answered('a question of one quote', '"'),
  answered('a question of a regular expression', '(a+)+$ .*.*.*.*[^'),
  answered('a question of HTML', '<script>alert(1)</script>'),
  answered('a question that names a prototype', '__proto__ constructor toString hasOwnProperty'),
  refused('no question', undefined, ['question must be']),
  refused('null for a question', null, ['question must be']),
  refused('a number for a question', 7, ['question must be']),
  refused('a list for a question', ['When?'], ['question must be']),
  refused('an object without a text', {}, ['text is missing']),
  refused('a text that is a list', { text: ['When?'] }, ['text must be of type string, not array']),
  withField('a key that a question does not have', { passage: 3 }, ['passage: no such field']),
  withField('no passages', { passages: 0 }, ['passages must be at least 1, not 0']),
  withField('51 passages', { passages: 51 }, ['passages must be at most 50, not 51']),
  withField('one and a half passages', { passages: 1.5 }, ['passages must be a whole number, not 1.5']),
  withField('passages as a text', { passages: '6' }, ['passages must be of type number, not string']),
  withField('a negative budget', { budgetMs: -1 }, ['budgetMs must be at least 1, not -1']),
  withField('a budget that is no number', { budgetMs: NaN }, ['budgetMs must be', 'number']),
  withField('a choice of tools there is not', { toolChoice: 'any' }, ['toolChoice must be "auto", "none", "required"']),
  withField('a tool of its own without a name', { clientTools: [{}] }, ['clientTools.0.name']),
  withField('a tool whose name no model takes', { clientTools: [{ name: 'a b' }] }, ['must be 1 to 64 letters']),
  withField('a mode there is not', { mode: 'fast' }, ['mode must be', '"extractive"', 'not "fast"']),
  withField('an empty session id', { sessionId: '' }, ['sessionId is empty']),
  withField('a blank session id', { sessionId: '  ' }, ['sessionId is empty']),
  withField('a session id of 201 characters', { sessionId: 'x'.repeat(201) }, [
    'sessionId has 201 characters',
    'at most 200',
  ]),
  withField('a session id with half a surrogate pair', { sessionId: 'a\udc00' }, [
    'sessionId has characters that no text has',
  ]),
  withField('a history that is a text', { history: 'We spoke.' }, ['history must be of type array, not string']),
  withField('a history of somebody else’s words', { history: [{ role: 'oracle', text: 'x' }] }, [
    'history.0.role must be',
    'not "oracle"',
  ]),
  withField('a history and a session id together', { sessionId: 'a', history: [{ role: 'user', text: 'x', at: 0 }] }, [
    'brings its history',
    'leave one out',
  ]),
  withField('a filter that is a text', { filter: 'manuals' }, ['filter must be of type object, not string']),
  withField('a filter that is a list', { filter: [] }, ['filter must be of type object, not array']),
  withField('a filter with a key there is not', { filter: { tenant: 'other' } }, ['filter.tenant: no such field']),
  withField('collections that are a text', { filter: { collections: 'manuals' } }, [
    'filter.collections must be of type array, not string',
  ]),
  withField('documents that are numbers', { filter: { documents: [1] } }, [
    'filter.documents.0 must be of type string, not number',
  ]),
  withField('a thousand and one documents', { filter: { documents: Array.from({ length: 1_001 }, () => 'd') } }, [
    'filter.documents has 1001 entries',
    'at most 1000',
  ]),
  withField('metadata of a filter that is a list', { filter: { metadata: [] } }, [
    'filter.metadata must be',
    'not array',
  ]),
  withField('metadata of a filter that is nested', { filter: { metadata: { a: { b: 1 } } } }, [
    'filter.metadata.a must be a string, a number',
  ]),
]

/** Odd limits of a search. */
export const searchRows: QuestionRow[] = [
  refused('a search for nothing', { text: ' ' }, ['is empty']),
  refused('a search for no passages', { text: 'open', k: 0 }, ['k must be at least 1, not 0']),
  refused('a search for 1,001 passages', { text: 'open', k: 1_001 }, ['k must be at most 1000, not 1001']),
  refused('a search in a way there is not', { text: 'open', by: 'magic' }, ['by must be', 'not "magic"']),
  refused('a search by vectors without an embedder', { text: 'open', by: 'vectors' }, [
    'needs an embedder',
    'embedder.kind',
  ]),
]
