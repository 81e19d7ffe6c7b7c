import type { SessionReply, SessionRequest } from '@weir/contract'
import { type FeedStore, LANES, type Lane, type LaneHead } from '@weir/model'

type Points = SessionReply['lanes']

export type Agreement = Pick<SessionReply, 'epoch' | 'restarted' | 'lanes'> & {
  /** Where a forwarder of our own epoch and this database part; a new epoch was begun. */
  readonly forked?: string
}

/** Compares where a forwarder stands with this database, and says from where it shall ask. */
export async function agree(store: FeedStore, request: SessionRequest): Promise<Agreement> {
  const epoch = await store.epoch()
  if (request.epoch === undefined || request.lanes === undefined)
    return { epoch, restarted: false, lanes: await bases(store) }
  if (request.epoch !== epoch) return { epoch, restarted: true, lanes: await bases(store) }
  const standings = await Promise.all(LANES.map((lane) => standing(store, lane, request.lanes![lane])))
  if (standings.every((each) => each === 'known')) return { epoch, restarted: false, lanes: request.lanes }
  const forked = standings.filter((each) => each !== 'known' && each !== 'retired').join('; ')
  if (forked === '') return { epoch, restarted: true, lanes: await bases(store) }
  return { epoch: await store.renewEpoch(), restarted: true, lanes: await bases(store), forked }
}

/** `known`; `retired`: too old to be compared; otherwise in words how it parts from ours. */
async function standing(store: FeedStore, lane: Lane, point: Points[Lane]): Promise<string> {
  const [head, base] = [(await store.heads())[lane], await store.base(lane)]
  if (point.seq > head.seq)
    return `${lane}: the forwarder has entry ${point.seq}, the last one here is ${head.seq}`
  if (point.seq < base.seq) return 'retired'
  const chain = await store.chainAt(lane, point.seq)
  return chain === point.chain ? 'known' : `${lane}: the chains differ at entry ${point.seq}`
}

async function bases(store: FeedStore): Promise<Points> {
  return { urgent: pointOf(await store.base('urgent')), bulk: pointOf(await store.base('bulk')) }
}

function pointOf({ seq, chain }: LaneHead): Points[Lane] {
  return { seq, chain }
}
