import type { Match } from '@weir/model'
import { countedOf, groupOf } from '../correlate/key.ts'
import { mannerOf } from '../correlate/manner.ts'
import type { Correlation, Rule } from '../rule/rule.ts'
import { unanswered } from './absence.ts'
import { connected } from './growing.ts'
import { newcomers } from './new-terms.ts'
import { joined, type Piece } from './piece.ts'
import { satisfied } from './tumbling.ts'

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
 * satisfaction had everything come in order, whatever the order was. Each type has a file of its own in `oracle/`.
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
  const all = [...groups.values()].flatMap(({ matches }) => matches)
  return [...groups].flatMap(([key, { fields, matches }]) =>
    joined(piecesOf(correlation, matches, all), rule.suppress?.forMs ?? 0).map((each) => ({
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

/** What a group's matches satisfy; `all` are those of every group. */
function piecesOf(correlation: Correlation, matches: readonly Match[], all: readonly Match[]): Piece[] {
  switch (mannerOf(correlation)) {
    case 'growing':
      return connected(correlation, matches)
    case 'tumbling':
      return satisfied(correlation, matches)
    case 'new_terms':
      return newcomers(correlation, matches, all)
    case 'absence':
      return unanswered(correlation, matches)
  }
}
