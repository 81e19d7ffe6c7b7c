import { isObject } from '@weir/model'
import type { RestAnswer } from '../rest/client.ts'
import { type Element, elementsBelow, parsedBody } from '../rest/elements.ts'
import { BrokenBody } from '../rest/failure.ts'

/** One page of a stream: its records, and where the next page is. */
export interface GraphPage {
  readonly records: readonly Element[]
  readonly next: string | undefined
  /** Epoch milliseconds by the service's clock. */
  readonly at: number
  /** It could not be read; its one record is the whole of it. */
  readonly broken: boolean
}

/** Throws `BrokenBody` for what is no page. */
export function pageOf({ body, at }: RestAnswer): GraphPage {
  const value = parsedBody(body)
  if (!isObject(value) || !Array.isArray(value['value']))
    throw new BrokenBody(`a page of ${body.length} bytes is cut off or is no JSON`)
  const next = value['@odata.nextLink']
  const records = elementsBelow(body, 'value', value['value'])
  return { records, next: typeof next === 'string' ? next : undefined, at, broken: false }
}

const LINK = /"@odata\.nextLink"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")/

/** A page that stays unreadable, whole, with the address of the next page where that can be made out. */
export function brokenPage({ body, at }: RestAnswer): GraphPage {
  const written = LINK.exec(body.toString('utf8'))?.[1]
  const next = written === undefined ? undefined : (JSON.parse(written) as string)
  return { records: [{ value: undefined, bytes: body }], next, at, broken: true }
}
