import type { Rule, RuleSet } from '@weir/engine'
import { type Alert, isObject, type JsonObject, type JsonValue, type RawMessage } from '@weir/model'
import { replay } from './replay.ts'
import { isNearMiss, type RuleCase } from './rule-case.ts'
import { DEFAULTS } from './settings.ts'

/** A rule and what is promised of it. */
export interface RuleUnderTest {
  readonly rule: string
  readonly cases: readonly RuleCase[]
}

export interface CaseResult {
  readonly rule: string
  readonly name: string
  readonly ok: boolean
  readonly expected: RuleCase['alerts']
  /** Last revision of each alert that came, by first event; merged ones are left out. */
  readonly came: readonly Alert[]
  /** One sentence per difference; empty when `ok`. */
  readonly failures: readonly string[]
}

/** The cases of a rule, and what its cases leave unproven. */
export interface RuleTestResult {
  readonly rule: string
  readonly ok: boolean
  readonly cases: readonly CaseResult[]
  /** `hit`: no case alerts. `near-miss`: no case stays silent. A base rule, which never alerts, lacks nothing. */
  readonly lacks: readonly ('hit' | 'near-miss')[]
}

/** Runs every case through the real line, one rule with those that it is built on at a time. */
export async function testRules(
  rules: RuleSet,
  tests: readonly RuleUnderTest[],
): Promise<readonly RuleTestResult[]> {
  const results: RuleTestResult[] = []
  for (const { rule: id, cases } of tests) {
    const rule = rules.byId.get(id)
    if (rule === undefined) continue
    const ran: CaseResult[] = []
    for (const each of cases) ran.push(await testCase(rules, rule, each))
    const lacks = lacksOf(rule, cases)
    results.push({ rule: id, ok: lacks.length === 0 && ran.every((each) => each.ok), cases: ran, lacks })
  }
  return results
}

/** Runs one case: its records in order, event time for a clock, the watermark at infinity after the last. */
export async function testCase(rules: RuleSet, rule: Rule, each: RuleCase): Promise<CaseResult> {
  const last = new Map<string, Alert>()
  const problems: string[] = []
  const inputs = [{ name: 'case', messages: messagesOf(each.events) }]
  for await (const { commit } of replay({ ...DEFAULTS, version: 'test' }, builtOn(rules, rule), inputs)) {
    for (const { alert } of commit.alerts) if (alert.rule.id === rule.id) last.set(alert.weir.alert.id, alert)
    for (const { reason } of commit.quarantine) problems.push(`a record cannot be read: ${reason}`)
    for (const { errors } of commit.ruleCounts)
      if (errors > 0) problems.push(`the conditions threw ${errors} times`)
  }
  const came = [...last.values()].filter((alert) => alert.weir.alert.status !== 'merged').sort(byFirst)
  const failures = [...problems, ...differences(each.alerts, came)]
  return { rule: rule.id, name: each.name, ok: failures.length === 0, expected: each.alerts, came, failures }
}

function lacksOf(rule: Rule, cases: readonly RuleCase[]): RuleTestResult['lacks'] {
  if (!rule.alert) return []
  const silent = cases.filter(isNearMiss).length
  return [
    ...(silent === cases.length ? (['hit'] as const) : []),
    ...(silent === 0 ? (['near-miss'] as const) : []),
  ]
}

/** Each record is a message of its own, as if it had come alone. */
async function* messagesOf(events: readonly JsonObject[]): AsyncGenerator<RawMessage> {
  const encoder = new TextEncoder()
  for (const [index, record] of events.entries())
    yield { bytes: encoder.encode(JSON.stringify(record)), at: String(index), arrival: 0 }
}

/** The rule and every rule that it is built on, by whatever number of steps. */
function builtOn(rules: RuleSet, rule: Rule): RuleSet {
  const needed = new Set([rule.id])
  for (const id of needed) for (const base of rules.byId.get(id)?.correlation?.rules ?? []) needed.add(base)
  const kept = rules.rules.filter((each) => needed.has(each.id))
  return { ...rules, rules: kept, byId: new Map(kept.map((each) => [each.id, each])) }
}

function byFirst(a: Alert, b: Alert): number {
  return a.weir.alert.first < b.weir.alert.first ? -1 : Number(a.weir.alert.first > b.weir.alert.first)
}

function differences(expected: RuleCase['alerts'], came: readonly Alert[]): readonly string[] {
  const count = typeof expected === 'number' ? expected : expected.length
  if (came.length !== count)
    return [
      `expected ${count} alerts, came ${came.length}${came.map((alert) => `; "${alert.message}"`).join('')}`,
    ]
  if (typeof expected === 'number') return []
  return expected.flatMap((part, index) =>
    unlike(part, came[index] as unknown as JsonValue, `alert ${index + 1}`),
  )
}

/** Every member that the expectation names must be equal in the alert; what it leaves out may be anything. */
function unlike(
  expected: JsonValue | undefined,
  came: JsonValue | undefined,
  path: string,
): readonly string[] {
  if (isObject(expected) && isObject(came))
    return Object.entries(expected).flatMap(([key, value]) =>
      unlike(value, memberOf(came, key), `${path}.${key}`),
    )
  if (JSON.stringify(expected) === JSON.stringify(came)) return []
  return [`${path} is ${JSON.stringify(came)}, expected ${JSON.stringify(expected)}`]
}

function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
