import type { Output } from './output.ts'

/** Items that one page asks for; the API gives no more at a time. */
const PAGE_ITEMS_MAX = 1000

/** What is listed, and how it is said. */
interface Listing<T> {
  readonly pages: (limit: number) => AsyncIterable<{ readonly items: readonly T[] }>
  readonly lineOf: (item: T) => string
  /** Noted when there is nothing. */
  readonly nothing: string
}

/** Writes items page by page, up to the limit, and notes when there is none or may be more. */
export async function list<T>(
  { pages, lineOf, nothing }: Listing<T>,
  { limit, json = false }: { readonly limit: number; readonly json?: boolean },
  output: Output,
): Promise<void> {
  let count = 0
  for await (const item of itemsOf(pages(Math.min(limit, PAGE_ITEMS_MAX)))) {
    if (json) output.json(item)
    else output.line(lineOf(item))
    await output.ready()
    if (++count === limit) break
  }
  if (count === 0) output.note(nothing)
  if (count === limit) output.note(`${count} shown; there may be more: raise --limit`)
}

async function* itemsOf<T>(pages: AsyncIterable<{ readonly items: readonly T[] }>): AsyncGenerator<T> {
  for await (const { items } of pages) yield* items
}
