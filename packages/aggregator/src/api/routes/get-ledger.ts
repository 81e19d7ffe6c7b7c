import { type LedgerReply, ledgerQuery, ledgerReply } from '@weir/contract'
import type { ForwarderState, Lane, LaneHead, LinkDay } from '@weir/model'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { dayOf } from '../day-counts.ts'
import type { Feed } from '../feed/feed.ts'
import { READERS } from '../guard.ts'
import type { LinkBytes } from '../link-bytes.ts'
import { REFUSED } from './reply-schemas.ts'

type Heads = Readonly<Record<Lane, LaneHead>>
type Forwarders = LedgerReply['forwarders']

const NOTHING = { spooled: { urgent: 0, bulk: 0 }, delivered: {} }

/** `GET /v1/ledger`: what came in, what each rule made of it, and what crossed the link, by day. */
export function getLedger(api: Api, context: ApiContext, feed: Feed, link: LinkBytes): void {
  const { store, clock } = context
  const schema = {
    summary: 'What came in, what each rule made of it, and what crossed the link',
    querystring: ledgerQuery,
    response: { 200: ledgerReply, ...REFUSED },
  }
  api.get('/v1/ledger', { schema, config: { access: READERS } }, async ({ query }) => {
    const to = query.to ?? dayOf(clock.now())
    const from = query.from ?? to
    const [books, rules] = [await store.books(), await store.ledger()]
    const [rawDays, linkDays] = [await store.rawDays(from, to), await link.days(from, to)]
    return {
      rawBytes: sum(books.map((each) => each.rawBytes)),
      records: sum(books.map((each) => each.read)),
      from,
      to,
      link: shareOf(sum(linkDays.map(bothWays)), sum(rawDays.map((each) => each.rawBytes))),
      sources: books.map(({ source, read, rawBytes }) => ({ source, records: read, rawBytes })),
      rawDays: [...rawDays],
      linkDays: linkDays.map((each) => ({ ...each, forwarder: isForwarder(context, each) })),
      rules: [...rules],
      forwarders: await forwardersOf(context, feed),
    }
  })
}

function bothWays({ received, sent }: LinkDay): number {
  return received + sent
}

function shareOf(bytes: number, rawBytes: number): LedgerReply['link'] {
  return { bytes, rawBytes, ...(rawBytes === 0 ? {} : { share: bytes / rawBytes }) }
}

function isForwarder({ forwarders }: ApiContext, { caller }: LinkDay): boolean {
  return forwarders.some(({ name }) => name === caller)
}

/** Those in the store, and those that are registered but never came. */
async function forwardersOf({ store, forwarders }: ApiContext, feed: Feed): Promise<Forwarders> {
  const [heads, known] = [await store.heads(), await store.forwarders()]
  const came = new Set(known.map((each) => each.name))
  const missing = forwarders.filter(({ name }) => !came.has(name)).map(({ name }) => ({ name, ...NOTHING }))
  const budgets = await budgetsOf(forwarders, feed)
  return [...known, ...missing].map((each) => ({ ...forwarderOf(each, heads), ...budgets.get(each.name) }))
}

async function budgetsOf(forwarders: ApiContext['forwarders'], feed: Feed) {
  const budgets = new Map<string, Pick<Forwarders[number], 'budget'>>()
  for (const forwarder of forwarders) {
    const budget = await feed.allowance(forwarder).budget()
    if (budget === undefined) continue
    const { bytesMax, bytesLeft, resets } = budget
    budgets.set(forwarder.name, { budget: { bytesMax, bytesLeft, resets: new Date(resets).toISOString() } })
  }
  return budgets
}

function forwarderOf(
  { name, spooled, delivered, lastSeen }: ForwarderState,
  heads: Heads,
): Forwarders[number] {
  return {
    name,
    ...(lastSeen === undefined ? {} : { lastSeen: new Date(lastSeen).toISOString() }),
    lanes: {
      urgent: { head: heads.urgent.seq, spooled: spooled.urgent },
      bulk: { head: heads.bulk.seq, spooled: spooled.bulk },
    },
    delivered: Object.fromEntries(Object.entries(delivered).map(([output, lanes]) => [output, { ...lanes }])),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
