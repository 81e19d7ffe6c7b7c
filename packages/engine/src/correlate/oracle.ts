import type { Match } from '@weir/model'
import type { Correlation, Rule } from '../rule/rule.ts'
import { countedOf, groupOf } from './key.ts'

/** What two runs are compared by: the rule, the group, and the identities of the events behind the alert. */
export interface Account {
  readonly rule: string
  readonly group: string
  /** Sorted. An episode that feeds a further correlation stands as `nameOf` its account. */
  readonly events: readonly string[]
}

/** A name for an account that only its content decides. */
export function nameOf(account: Account): string {
  return JSON.stringify([account.rule, account.group, account.events])
}

/**
 * The plain meaning of correlation: sorts and scans all matches at once and answers every episode that they make.
 * It knows no watermark and no bound, so it speaks only for runs in which nothing came too late and no bound was met.
 * An episode's time, for a further correlation, is the least right end of its satisfied windows: the moment of first
 * satisfaction had everything come in order, whatever the order was.
 */
export function oracle(rules: readonly Rule[], matches: readonly Match[]): Account[] {
  const accounts: Account[] = []
  const fed = new Map<string, readonly Match[]>()
  for (const rule of basesFirst(rules)) {
    const own = matches.filter((match) => match.rule === rule.id)
    const { correlation } = rule
    if (correlation === undefined) {
      fed.set(rule.id, own)
      for (const identity of new Set(own.map((match) => match.identity)))
        accounts.push({ rule: rule.id, group: '[]', events: [identity] })
      continue
    }
    const input = correlation.rules.flatMap((id) => (id === rule.id ? own : (fed.get(id) ?? [])))
    const found = episodesOf(rule, correlation, input)
    accounts.push(...found.map((each) => each.account))
    fed.set(rule.id, found.map(asMatch))
  }
  return accounts
}

interface Found {
  readonly account: Account
  readonly at: number
  readonly fields: Match['fields']
  readonly sample: Match
}

function asMatch(found: Found): Match {
  const name = nameOf(found.account)
  return {
    ...found.sample,
    rule: found.account.rule,
    identity: name,
    subject: name,
    time: found.at,
    fields: found.fields,
  }
}

function basesFirst(rules: readonly Rule[]): Rule[] {
  const done: Rule[] = []
  const visit = (rule: Rule): void => {
    if (done.includes(rule)) return
    for (const base of rules) if (base !== rule && rule.correlation?.rules.includes(base.id)) visit(base)
    done.push(rule)
  }
  for (const rule of rules) visit(rule)
  return done
}

function episodesOf(rule: Rule, correlation: Correlation, input: readonly Match[]): Found[] {
  const groups = new Map<string, { readonly fields: Match['fields']; readonly matches: Match[] }>()
  for (const match of input) {
    const group = groupOf(correlation, match)
    if (group === undefined || countedOf(correlation, match) === undefined) continue
    const fields = group.values as Match['fields']
    const into = groups.get(group.key) ?? { fields, matches: [] }
    groups.set(group.key, into)
    const known = into.matches.some((each) => each.identity === match.identity && each.rule === match.rule)
    if (!known) into.matches.push(match)
  }
  return [...groups].flatMap(([key, { fields, matches }]) =>
    joined(connected(correlation, matches), rule.suppress?.forMs ?? 0).map((each) => ({
      account: {
        rule: rule.id,
        group: key,
        events: [...new Set([...each.matches].map((match) => match.identity))].sort(),
      },
      at: each.at,
      fields,
      sample: matches[0] as Match,
    })),
  )
}

interface Piece {
  readonly matches: ReadonlySet<Match>
  readonly at: number
}

/** Tries every window and unites those that are satisfied and share a match. */
function connected(correlation: Correlation, matches: readonly Match[]): Piece[] {
  let pieces: Piece[] = []
  for (const { time: from } of matches) {
    for (const { time: to } of matches) {
      if (to < from || to - from > correlation.timespanMs) continue
      const window = matches.filter((match) => match.time >= from && match.time <= to)
      if (!isSatisfied(correlation, window)) continue
      const sharing = pieces.filter((piece) => window.some((match) => piece.matches.has(match)))
      pieces = pieces.filter((piece) => !sharing.includes(piece))
      pieces.push(union([{ matches: new Set(window), at: to }, ...sharing]))
    }
  }
  return pieces
}

/** Unites pieces until no two are within the gap of each other. */
function joined(pieces: readonly Piece[], gapMs: number): Piece[] {
  const sorted = [...pieces].sort((a, b) => firstOf(a) - firstOf(b))
  const result: Piece[] = []
  for (const piece of sorted) {
    const before = result.at(-1)
    if (before !== undefined && firstOf(piece) - lastOf(before) <= gapMs)
      result.splice(-1, 1, union([before, piece]))
    else result.push(piece)
  }
  return result
}

function union(pieces: readonly Piece[]): Piece {
  return {
    matches: new Set(pieces.flatMap((piece) => [...piece.matches])),
    at: Math.min(...pieces.map((piece) => piece.at)),
  }
}

function firstOf(piece: Piece): number {
  return Math.min(...[...piece.matches].map((match) => match.time))
}

function lastOf(piece: Piece): number {
  return Math.max(...[...piece.matches].map((match) => match.time))
}

function isSatisfied(correlation: Correlation, window: readonly Match[]): boolean {
  const values = new Set(window.map((match) => countedOf(correlation, match)))
  switch (correlation.type) {
    case 'event_count':
    case 'value_count':
      return values.size >= (correlation.condition.gte as number)
    case 'temporal':
      return correlation.rules.every((rule) => values.has(rule))
    case 'temporal_ordered':
      return hasChain(correlation.rules, window, Number.NEGATIVE_INFINITY, [])
    default:
      throw new Error(`the oracle does not know ${correlation.type}`)
  }
}

/** Tries every match for the next step, and every match for the step after it. */
function hasChain(
  steps: readonly string[],
  window: readonly Match[],
  after: number,
  used: string[],
): boolean {
  const [step, ...rest] = steps
  if (step === undefined) return true
  return window.some(
    (match) =>
      match.rule === step &&
      match.time >= after &&
      !used.includes(match.identity) &&
      hasChain(rest, window, match.time, [...used, match.identity]),
  )
}
