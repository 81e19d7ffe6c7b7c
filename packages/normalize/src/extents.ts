import { elementsOf, membersOf, OPEN, OPEN_LIST } from './scan.ts'

/** Offsets of the records of one valid JSON text, start, end, start, end …, as `recordsOf` counts them. */
export function extentsOf(bytes: Buffer, start: number, end: number): readonly number[] {
  if (bytes[start] === OPEN_LIST) return insideList(bytes, start, end)
  return insideObject(bytes, start, end)
}

function insideList(bytes: Buffer, start: number, end: number): readonly number[] {
  const offsets: number[] = []
  const elements = elementsOf(bytes, start, end)
  for (let i = 0; i < elements.length; i += 2) {
    const inner = insideObject(bytes, elements[i] as number, elements[i + 1] as number)
    for (const offset of inner) offsets.push(offset)
  }
  return offsets
}

function insideObject(bytes: Buffer, start: number, end: number): readonly number[] {
  const list = bytes[start] === OPEN ? wrappedAt(bytes, start, end) : -1
  return list === -1 ? [start, end] : elementsOf(bytes, list, end)
}

/** Offset of the list that the envelope at `start` wraps; -1 for a record. The last of equal keys counts, as in JSON.parse. */
export function wrappedAt(bytes: Buffer, start: number, end: number): number {
  const lists = new Map<string, number>()
  membersOf(bytes, start, end, (key, at) => lists.set(key, at))
  for (const key of ['records', 'Records', 'value']) {
    const at = lists.get(key)
    if (at === undefined || bytes[at] !== OPEN_LIST) continue
    if (key !== 'value' || lists.has('@odata.context')) return at
  }
  return -1
}
