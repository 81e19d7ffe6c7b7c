import { type LedgerReply, ledgerReply } from '@weir/contract'
import type { FeedStore, ForwarderState, Lane, LaneHead } from '@weir/model'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import type { Feed } from '../feed/feed.ts'
import { READERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

type Heads = Readonly<Record<Lane, LaneHead>>
type Forwarders = LedgerReply['forwarders']

const NOTHING = { spooled: { urgent: 0, bulk: 0 }, delivered: {}, servedBytes: 0 }

/** `GET /v1/ledger`: what came in, what each rule made of it, and what went over the link. */
export function getLedger(api: Api, context: ApiContext, feed: Feed): void {
  const { store } = context
  const schema = {
    summary: 'What came in, what each rule made of it, and what crossed the link',
    response: { 200: ledgerReply, ...REFUSED },
  }
  api.get('/v1/ledger', { schema, config: { access: READERS } }, async () => {
    const [books, rules] = [await store.books(), await store.ledger()]
    const forwarders = await forwardersOf(store, context.forwarders, feed)
    return {
      rawBytes: sum(books.map((each) => each.rawBytes)),
      records: sum(books.map((each) => each.read)),
      feedBytes: sum(forwarders.map((each) => each.servedBytes)),
      rules: [...rules],
      forwarders,
    }
  })
}

/** Those in the store, and those that are registered but never came. */
async function forwardersOf(
  store: FeedStore,
  registered: ApiContext['forwarders'],
  feed: Feed,
): Promise<Forwarders> {
  const [heads, known] = [await store.heads(), await store.forwarders()]
  const came = new Set(known.map((each) => each.name))
  const missing = registered.filter(({ name }) => !came.has(name)).map(({ name }) => ({ name, ...NOTHING }))
  return [...known, ...missing].map((each) => forwarderOf(each, heads, feed.served.pending(each.name)))
}

function forwarderOf(state: ForwarderState, heads: Heads, pendingBytes: number): Forwarders[number] {
  const { name, spooled, delivered, lastSeen, servedBytes } = state
  return {
    name,
    ...(lastSeen === undefined ? {} : { lastSeen: new Date(lastSeen).toISOString() }),
    servedBytes: servedBytes + pendingBytes,
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
