import { type Elements, elementsOf, membersOf, OPEN, OPEN_LIST } from './scan.ts'

/** Offsets of the records of one valid JSON text, start, end, start, end …, as `recordsOf` counts them. */
export function extentsOf(bytes: Buffer, start: number, end: number): readonly number[] {
  if (bytes[start] !== OPEN_LIST) return insideObject(bytes, start, end)
  const offsets: number[] = []
  const elements = elementsOf(bytes, start, end).offsets
  for (let i = 0; i < elements.length; i += 2) {
    const inner = insideObject(bytes, elements[i] as number, elements[i + 1] as number)
    for (const offset of inner) offsets.push(offset)
  }
  return offsets
}

function insideObject(bytes: Buffer, start: number, end: number): readonly number[] {
  const list = bytes[start] === OPEN ? wrappedIn(bytes, start, end) : undefined
  return list === undefined ? [start, end] : list.offsets
}

/** The list that the envelope at `start` wraps, if it is one; the last of equal keys counts, as in JSON.parse. */
function wrappedIn(bytes: Buffer, start: number, end: number): Elements | undefined {
  const lists = new Map<string, Elements | undefined>()
  membersOf(bytes, start, end, (key, at) => {
    if (key !== 'records' && key !== 'Records' && key !== 'value' && key !== '@odata.context')
      return undefined
    const elements = bytes[at] === OPEN_LIST ? elementsOf(bytes, at, end) : undefined
    lists.set(key, elements)
    return elements?.end
  })
  const page = lists.has('@odata.context') ? lists.get('value') : undefined
  return lists.get('records') ?? lists.get('Records') ?? page
}
