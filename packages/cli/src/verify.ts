import { access, constants } from 'node:fs/promises'
import { readAggregatorConfig } from '@weir/aggregator'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import type { SourceBooks, Store } from '@weir/model'
import { messageOf, WeirError } from '@weir/runtime'
import { openStore } from '@weir/store'
import { EXIT } from './exit.ts'
import { type Output, outputOf } from './output.ts'

interface Verified {
  readonly store: string
  readonly books: readonly SourceBooks[]
  readonly wrong: readonly string[]
}

/** Reads the store of a configuration back and says what is wrong with it. */
export async function runVerify(config: string, json: boolean, of: NodeJS.Process): Promise<void> {
  const { store } = readAggregatorConfig(config, of.env)
  say(await verifyStore(store.path), json, outputOf(of))
}

/** A file that cannot even be opened as a store is a finding; one that is not there is wrong use. */
async function verifyStore(path: string): Promise<Verified> {
  await access(path, constants.R_OK).catch((cause: unknown) => {
    throw new WeirError('WRONG_USE', `there is no store to read at ${path}`, { cause })
  })
  let store: Store
  try {
    const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
    // Only to look: no epoch is ever named.
    store = openStore({ path, chain, random: () => '', readOnly: true })
  } catch (error) {
    if (!(error instanceof WeirError) || error.code !== 'STORE_FAILED') throw error
    return { store: path, books: [], wrong: [messageOf(error)] }
  }
  try {
    const wrong = await store.verify()
    return { store: path, books: await store.books().catch(() => []), wrong }
  } finally {
    await store.close()
  }
}

function say(verified: Verified, json: boolean, output: Output): void {
  const { books, wrong } = verified
  if (json) output.json(verified)
  else
    for (const line of [...books.map(bookLine), ...wrong.map((each) => `wrong: ${each}`)]) output.line(line)
  output.note(wrong.length === 0 ? 'books, chains and evidence hold' : `${wrong.length} thing(s) wrong`)
  if (wrong.length > 0) process.exitCode = EXIT.findings
}

function bookLine(books: SourceBooks): string {
  const { source, read, normalized, duplicates, dropped, droppedBy, quarantined, events, lastCommit } = books
  const filters = Object.entries(droppedBy).map(([filter, records]) => `${filter} ${records}`)
  const by = filters.length === 0 ? '' : ` (${filters.join(', ')})`
  const sum = `${read} = ${normalized} normalized + ${duplicates} duplicates + ${dropped} dropped${by} + ${quarantined} quarantined`
  return `${source}  ${sum}; ${events} events; last commit ${new Date(lastCommit).toISOString()}`
}
