import type { Finding, Match } from '@weir/model'
import type { Rule } from '../rule/rule.ts'
import { singleId } from './id.ts'

/** The finding of a rule without correlation: one match, complete from the start. */
export function singleFinding(rule: Rule, match: Match): Finding {
  return {
    rule: rule.id,
    ruleHash: rule.hash,
    id: singleId(rule.id, match.identity),
    revision: 1,
    group: {},
    first: match.time,
    last: match.time,
    count: 1,
    distinct: 1,
    members: [match],
    status: 'closed',
  }
}
