import assert from 'node:assert/strict'
import { test } from 'node:test'
import iconv from 'iconv-lite'
import { decodeText } from './encodings.ts'

const chinese = '港口早上六点开门，晚上十点关门。船只按长度付费，费用每月结算一次。'
const traditional = '港口早上六點開門，晚上十點關門。船隻按長度付費，費用每月結算一次。'
const german = 'Der Hafen öffnet um sechs Uhr früh – für größere Schiffe später. “Später” heißt um acht.'

for (const [encoding, text] of [
  ['utf-8', chinese],
  ['gb18030', chinese],
  ['gbk', chinese],
  ['big5', traditional],
  ['windows-1252', german],
] as const)
  test(`${encoding} is told and nothing is lost`, () => {
    const decoded = decodeText(iconv.encode(text, encoding))
    assert.equal(decoded.text, text)
    assert.equal(decoded.replaced, 0)
    assert.equal(decoded.encoding, encoding === 'gbk' ? 'gb18030' : encoding)
  })

for (const encoding of ['utf-16le', 'utf-16be'] as const)
  for (const text of [chinese, 'The harbour opens at six.\n', `港口 opens 六点\n${chinese}`])
    for (const addBOM of [true, false])
      test(`${encoding} ${addBOM ? 'with' : 'without'} a mark is told: ${text.slice(0, 8).trim()}`, () => {
        assert.deepEqual(decodeText(iconv.encode(text, encoding, { addBOM })), { text, encoding, replaced: 0 })
      })

test('short Chinese in GBK is told', () => {
  for (const text of ['港口开放', '你好，世界', '费用表'])
    assert.equal(decodeText(iconv.encode(text, 'gbk')).text, text)
})

test('characters of four bytes in GB18030 are read', () => {
  const text = `${chinese}𠀀𠮷㐀`
  assert.equal(decodeText(iconv.encode(text, 'gb18030')).text, text)
})

test('English with a few Chinese words in GBK is told', () => {
  const text = `The word for harbour is 港口 and the word for boat is 船只. ${'More English text. '.repeat(200)}`
  assert.equal(decodeText(iconv.encode(text, 'gbk')).text, text)
})

test('Korean, Japanese and Russian are not taken for Chinese', () => {
  for (const [encoding, text] of [
    ['euc-kr', '항구는 아침 여섯 시에 열리고 밤 열 시에 닫힙니다. 배는 길이에 따라 요금을 냅니다.'],
    ['shift_jis', '港は朝六時に開き、夜十時に閉まります。船は長さによって料金を払います。'],
    ['windows-1251', 'Порт открывается в шесть утра и закрывается поздно вечером. Лодки платят по длине.'],
  ] as const)
    assert.equal(decodeText(iconv.encode(text, encoding)).text, text, encoding)
})

test('broken UTF-8 stays UTF-8, and what is lost is counted', () => {
  const bytes = Buffer.concat([Buffer.from(`${chinese}\n`.repeat(3)), Buffer.from([0xe4, 0xb8]), Buffer.from(chinese)])
  const decoded = decodeText(bytes)
  assert.equal(decoded.encoding, 'utf-8')
  assert.equal(decoded.replaced, 1)
  assert.ok(decoded.text.includes(chinese))
})

test('the encoding a file declares is believed when nothing is lost with it', () => {
  const text = 'Τιμές για σκάφη'
  assert.equal(decodeText(iconv.encode(text, 'iso-8859-7'), 'iso-8859-7').text, text)
  assert.equal(decodeText(Buffer.from(chinese), 'iso-8859-7').text, chinese)
})

test('nothing and plain ASCII are UTF-8', () => {
  assert.deepEqual(decodeText(new Uint8Array()), { text: '', encoding: 'utf-8', replaced: 0 })
  assert.deepEqual(decodeText(Buffer.from('plain')), { text: 'plain', encoding: 'utf-8', replaced: 0 })
})
