import type { Rule } from '@weir/engine'
import type { Match } from '@weir/model'
import { hex, type Random, seeded } from './random.ts'

const HOUR = 3_600_000
/** Events come up to an hour late. */
export const LATENESS_MS = HOUR
const START = Date.UTC(2026, 2, 1)

/** Each number has an address of its own. */
export function addressOf(group: number): string {
  return `10.${(group >>> 16) & 255}.${(group >>> 8) & 255}.${group & 255}`
}

/** Members of many groups within an hour, in random order: every one may come as late as is allowed. */
export function* filling(rule: Rule, groups: number, members: number, seed: number): Generator<Match> {
  const random = seeded(seed)
  const count = groups * members
  const step = coprime(Math.floor(count * 0.618), count)
  for (let n = 0, at = 0; n < count; n++, at = (at + step) % count)
    yield matchIn(rule, at % groups, n, START + Math.floor(random() * HOUR), random)
}

/** The hour after: new groups come and fill, an event at a time, each up to an hour late; old ones are passed. */
export function* going(rule: Rule, groups: number, members: number, seed: number): Generator<Match> {
  const random = seeded(seed)
  const count = groups * members
  for (let n = 0; n < count; n++) {
    const arrival = START + HOUR + (n / count) * HOUR
    const group = groups + Math.floor(n / members + random() * (groups / 20))
    yield matchIn(rule, group, count + n, Math.floor(arrival - random() * LATENESS_MS), random)
  }
}

function coprime(from: number, to: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let step = Math.max(1, from)
  while (divisor(step, to) !== 1) step++
  return step
}

/** A match of a rule that counts by address; every text is made anew, as by a parser. */
function matchIn(rule: Rule, group: number, number: number, time: number, random: Random): Match {
  const identity = `azure.signinlogs/${hex(random, 20)}-${number}`
  return {
    rule: rule.id,
    ruleHash: rule.hash,
    identity,
    subject: identity,
    eventId: identity,
    dataset: 'azure.signinlogs',
    time,
    lateMs: 0,
    position: { source: 'bench', partition: 'hub/0', at: String(number), index: 0 },
    fields: { 'source.ip': addressOf(group) },
  }
}
