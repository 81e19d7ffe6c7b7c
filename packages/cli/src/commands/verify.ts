import { access, constants } from 'node:fs/promises'
import { readAggregatorConfig } from '@weir/aggregator'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import type { SourceBooks, Store } from '@weir/model'
import { messageOf, WeirError } from '@weir/runtime'
import { openStore } from '@weir/store'
import type { Command } from 'commander'
import { example } from '../example.ts'
import { EXIT } from '../exit.ts'
import { type Output, outputOf } from '../output.ts'

interface Verified {
  readonly store: string
  readonly books: readonly SourceBooks[]
  readonly wrong: readonly string[]
}

/** `weir verify`: do the books balance and the chains hold. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description("read an aggregator's store back: the file, the books, the chains, the evidence")
    .requiredOption('--config <file>', 'configuration of the aggregator, which may be running')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${example('weir verify --config /etc/weir/aggregator.json')}\n\nExit 1 when something is wrong.`,
    )
    .action(async ({ config, json }: { config: string; json?: boolean }) => {
      const { store } = readAggregatorConfig(config, process.env)
      say(await verifyStore(store.path), json === true, outputOf(process))
    })
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
  const { source, read, normalized, duplicates, dropped, quarantined, events, lastCommit } = books
  const sum = `${read} = ${normalized} normalized + ${duplicates} duplicates + ${dropped} dropped + ${quarantined} quarantined`
  return `${source}  ${sum}; ${events} events; last commit ${new Date(lastCommit).toISOString()}`
}
