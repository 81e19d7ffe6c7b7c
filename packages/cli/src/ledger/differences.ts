import type { LedgerReply } from '@weir/contract'

type LinkDay = LedgerReply['linkDays'][number]

/** A day that the two sides of the link counted differently. Bytes both ways. */
export interface Difference {
  readonly day: string
  readonly forwarder: string
  readonly aggregatorBytes: number
  readonly forwarderBytes: number
  /** Of the aggregator's count. */
  readonly share: number
}

/** What both sides may count apart: the report of a day lags, and a day turns amid an answer. */
const SHARE_MAX = 0.01

/** Whole days on which no connection broke, and that a forwarder counted more than one in a hundred otherwise. */
export function differencesOf({ linkDays, to }: LedgerReply): Difference[] {
  return linkDays
    .filter(({ day, breaks }) => day < to && breaks === 0)
    .flatMap(differenceOf)
    .filter(({ share }) => share > SHARE_MAX)
}

function differenceOf({ day, caller: forwarder, received, sent, own }: LinkDay): Difference[] {
  if (own === undefined) return []
  const [aggregatorBytes, forwarderBytes] = [received + sent, own.received + own.sent]
  const share = Math.abs(aggregatorBytes - forwarderBytes) / Math.max(aggregatorBytes, 1)
  return [{ day, forwarder, aggregatorBytes, forwarderBytes, share }]
}
