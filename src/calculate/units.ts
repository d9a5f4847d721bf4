// The units the calculator knows, in English and Chinese: what each measures, and how many of the base unit it is.
// Currencies are labels: there is no rate between them.

import { Rational } from './rational.ts'

/** A unit that stands for itself in a result. */
export interface Unit {
  /** As it is written in a result. */
  symbol: string
  /** Powers of the base dimensions: `{ length: 1, time: -1 }`. */
  dimensions: Readonly<Record<string, number>>
  /** How many base units it is. */
  factor: Rational
  /** Of a scale that does not begin at zero: what is added after the factor (kelvins). */
  offset?: Rational
  /** It is set before the number. */
  prefix?: boolean
}

const table = new Map<string, Unit>()
const listed: string[] = []
const exactNames = new Set<string>()

/** The unit of a name or symbol, as written; longer names also in other letters. */
export function unitNamed(name: string): Unit | undefined {
  const known = table.get(name)
  if (known) return known
  // Capitals tell symbols apart (MB and Mb), not words.
  return name.length > 2 && !exactNames.has(name.toLowerCase()) ? table.get(name.toLowerCase()) : undefined
}

/** All names, for suggestions. */
export function unitNames(): string[] {
  return listed
}

function add(dimensions: Record<string, number>, factor: string, names: string, more: Partial<Unit> = {}): void {
  const [above = '1', below = '1'] = factor.split('/')
  const [symbol = '', ...others] = names.split(' ')
  const unit = { symbol, dimensions, factor: Rational.parse(above).over(Rational.parse(below)), ...more }
  for (const name of [symbol, ...others]) {
    table.set(name, unit)
    listed.push(name)
    if (/^[a-z]{4,}$/.test(name) && !name.endsWith('s')) table.set(`${name}s`, unit)
  }
}

const length = { length: 1 }
add(length, '1', 'm metre meter 米 公尺')
add(length, '1000', 'km kilometre kilometer 千米 公里')
add(length, '0.01', 'cm centimetre centimeter 厘米 公分')
add(length, '0.1', 'dm decimetre decimeter 分米')
add(length, '0.001', 'mm millimetre millimeter 毫米')
add(length, '0.000001', 'µm um micrometre micrometer micron 微米')
add(length, '0.000000001', 'nm nanometre nanometer 纳米')
add(length, '1609.344', 'mi mile 英里')
add(length, '0.9144', 'yd yard 码')
add(length, '0.3048', 'ft foot feet 英尺')
add(length, '0.0254', 'in inch inches 英寸')
add(length, '1852', 'nmi 海里')
add(length, '500', '里')
add(length, '149597870700', 'au')
add(length, '9460730472580800', 'ly lightyear 光年')

const mass = { mass: 1 }
add(mass, '1', 'kg kilogram kilo 千克 公斤')
add(mass, '0.001', 'g gram 克')
add(mass, '0.000001', 'mg milligram 毫克')
add(mass, '0.000000001', 'µg ug mcg microgram 微克')
add(mass, '1000', 't tonne 吨 公吨')
add(mass, '0.5', '斤')
add(mass, '0.05', '两')
add(mass, '0.45359237', 'lb lbs pound 磅')
add(mass, '0.028349523125', 'oz ounce 盎司')
add(mass, '6.35029318', 'st stone')

const time = { time: 1 }
add(time, '1', 's sec secs second 秒 秒钟')
add(time, '0.001', 'ms millisecond 毫秒')
add(time, '0.000001', 'µs us microsecond 微秒')
add(time, '0.000000001', 'ns nanosecond 纳秒')
add(time, '60', 'min mins minute 分钟')
add(time, '3600', 'h hr hrs hour 小时')
add(time, '86400', 'd day days 天 日')
add(time, '604800', 'wk week 周 星期')
// A month and a year differ: they are their own dimension, and meet in twelve.
const calendar = { month: 1 }
add(calendar, '1', 'months month mo 个月')
add(calendar, '3', 'quarters quarter 季度')
add(calendar, '12', 'years year yr yrs 年')

const data = { data: 1 }
add(data, '1', 'bit bits 比特')
add(data, '8', 'B byte 字节')
for (const [index, letter] of ['k', 'M', 'G', 'T', 'P', 'E'].entries()) {
  const thousands = 10n ** BigInt(3 * (index + 1))
  const binary = 1024n ** BigInt(index + 1)
  const upper = letter.toUpperCase()
  const word = ['kilo', 'mega', 'giga', 'tera', 'peta', 'exa'][index] ?? ''
  const binaryWord = ['kibi', 'mebi', 'gibi', 'tebi', 'pebi', 'exbi'][index] ?? ''
  add(data, String(8n * thousands), `${letter}B ${letter === 'k' ? 'KB ' : ''}${word}byte`)
  add(data, String(thousands), `${letter}bit ${letter}b ${word}bit`)
  add(data, String(8n * binary), `${upper}iB ${binaryWord}byte`)
  add(data, String(binary), `${upper}ibit ${upper}ib ${binaryWord}bit`)
}
for (const [word, symbol] of [
  ['千字节', 'kB'],
  ['兆字节', 'MB'],
  ['吉字节', 'GB'],
  ['太字节', 'TB'],
] as const) {
  const unit = table.get(symbol)
  if (unit) table.set(word, unit)
}

const area = { length: 2 }
add(area, '10000', 'ha hectare 公顷')
add(area, '4046.8564224', 'acre acres 英亩')
add(area, '2000/3', '亩')
add(area, '1', 'm² 平方米 sqm')
add(area, '1000000', 'km² 平方公里 平方千米 sqkm')
add(area, '0.0001', 'cm² 平方厘米')
add(area, '0.09290304', 'ft² sqft 平方英尺')

const volume = { length: 3 }
add(volume, '0.001', 'L l litre liter 升 公升')
add(volume, '0.000001', 'mL ml millilitre milliliter cc 毫升')
add(volume, '0.00001', 'cL cl centilitre centiliter')
add(volume, '1', 'm³ 立方米')
add(volume, '0.000001', 'cm³ 立方厘米')
add(volume, '0.003785411784', 'gal gallon 加仑')
add(volume, '0.000473176473', 'pt pint')
add(volume, '0.000946352946', 'qt quart')
add(volume, '0.0002365882365', 'cup cups')
add(volume, '0.0000295735295625', 'floz')
add(volume, '0.158987294928', 'bbl barrel 桶')

const speed = { length: 1, time: -1 }
add(speed, '1609.344/3600', 'mph')
add(speed, '1000/3600', 'km/h kph kmh 公里每小时')
add(speed, '1852/3600', 'kn knot 节')

const energy = { mass: 1, length: 2, time: -2 }
add(energy, '1', 'J joule 焦耳')
add(energy, '1000', 'kJ kilojoule 千焦')
add(energy, '1000000', 'MJ megajoule 兆焦')
add(energy, '4.184', 'cal calorie 卡路里')
add(energy, '4184', 'kcal kilocalorie 千卡 大卡')
add(energy, '3600', 'Wh')
add(energy, '3600000', 'kWh 千瓦时 度')
add(energy, '3600000000', 'MWh 兆瓦时')
add(energy, '3600000000000', 'GWh')
add(energy, '3600000000000000', 'TWh')
add(energy, '1055.05585262', 'BTU btu')

const power = { mass: 1, length: 2, time: -3 }
add(power, '1', 'W watt 瓦 瓦特')
add(power, '1000', 'kW kilowatt 千瓦')
add(power, '1000000', 'MW megawatt 兆瓦')
add(power, '1000000000', 'GW gigawatt')
add(power, '745.69987158227022', 'hp horsepower 马力')

add({ mass: 1, length: 1, time: -2 }, '1', 'N newton 牛顿')
const pressure = { mass: 1, length: -1, time: -2 }
add(pressure, '1', 'Pa pascal 帕')
add(pressure, '1000', 'kPa 千帕')
add(pressure, '100000', 'bar bars')
add(pressure, '101325', 'atm 大气压')
add({ time: -1 }, '1', 'Hz hertz 赫兹')
add({ time: -1 }, '1000', 'kHz')
add({ time: -1 }, '1000000', 'MHz')
add({ time: -1 }, '1000000000', 'GHz')

const temperature = { temperature: 1 }
add(temperature, '1', 'K kelvin 开尔文')
const celsius = Rational.parse('273.15')
add(temperature, '1', '°C ℃ C celsius 摄氏度', { offset: celsius })
// (F − 32) · 5/9 + 273.15
const fahrenheit = celsius.minus(Rational.of(160, 9))
add(temperature, '5/9', '°F ℉ F fahrenheit 华氏度', { offset: fahrenheit })

add({}, '0.01', '% percent pct 百分点')
add({}, '0.001', '‰ permille')
add({}, '0.0001', 'bp bps')

for (const names of [
  'USD US$ dollar 美元 美金',
  'EUR euro 欧元',
  'GBP 英镑',
  'CNY RMB yuan 元 人民币 块',
  'JPY yen 日元',
  'HKD HK$ 港元 港币',
  'TWD NT$ 新台币 台币',
  'CHF',
  'INR rupee 卢比',
  'KRW won 韩元',
  'AUD A$ 澳元',
  'CAD C$ 加元',
  'SGD S$ 新加坡元',
  'RUB ruble 卢布',
  'BRL R$',
]) {
  const [symbol = ''] = names.split(' ')
  add({ [symbol]: 1 }, '1', names)
}
add({ USD: 1 }, '1', '$', { prefix: true })
add({ EUR: 1 }, '1', '€', { prefix: true })
add({ GBP: 1 }, '1', '£', { prefix: true })
add({ '¥': 1 }, '1', '¥', { prefix: true })
add({ INR: 1 }, '1', '₹', { prefix: true })
add({ KRW: 1 }, '1', '₩', { prefix: true })

// "cm" is no "CM": but these words are also other symbols in small letters.
for (const name of ['mwh', 'mhz', 'mbit']) exactNames.add(name)
