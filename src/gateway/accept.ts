// Which of several media types a caller would like best (RFC 9110, the header Accept).

/**
 * The offered type with the highest quality; of equal ones the one that is named first, then the one that is offered
 * first. Who wants none of them gets the first: better what was not asked for than nothing.
 */
export function preferred<Type extends string>(accept: string, offered: readonly [Type, ...Type[]]): Type {
  const ranges = accept.toLowerCase().split(',').map(rangeOf)
  const wished = offered.map((type) => {
    const [kind] = type.split('/')
    const named = ranges.findIndex((range) => range.type === type)
    const range = ranges[named] ?? ranges.find((each) => each.type === `${kind}/*`) ?? ranges.find(isAny)
    return { type, quality: range?.quality ?? 0, place: named < 0 ? ranges.length : named }
  })
  const [best] = wished.sort((one, other) => other.quality - one.quality || one.place - other.place)
  return best && best.quality > 0 ? best.type : offered[0]
}

interface Range {
  type: string
  quality: number
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim())
  const quality = parameters.find((part) => part.startsWith('q='))?.slice(2)
  const value = quality === undefined || quality === '' ? 1 : Number(quality)
  return { type, quality: Number.isFinite(value) ? Math.min(Math.max(value, 0), 1) : 1 }
}

function isAny({ type }: Range): boolean {
  return type === '*/*'
}
