import { loadRules, type RuleSet } from '@weir/engine'
import type { RawBatch } from '@weir/model'
import { DATASETS } from '@weir/normalize'

export const NOON = Date.parse('2026-03-01T12:00:00Z')

export function rulesOf(...rules: readonly object[]): RuleSet {
  const set = loadRules(
    rules.map((rule, n) => ({ path: `rule-${n}.json`, text: JSON.stringify(rule) })),
    DATASETS,
  )
  const errors = set.problems.filter((problem) => problem.severity === 'error')
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return set
}

export interface SignIn {
  readonly id: string
  readonly at: number
  readonly ip?: string
  readonly user?: string
  readonly errorCode?: number
}

export function signIn({
  id,
  at,
  ip = '198.51.100.7',
  user = 'ada@example.test',
  errorCode = 50126,
}: SignIn): string {
  return JSON.stringify({
    time: new Date(at).toISOString(),
    resourceId: '/tenants/t/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    resultType: String(errorCode),
    properties: { id, userPrincipalName: user, ipAddress: ip, status: { errorCode } },
  })
}

/** A batch of lines that arrived one minute after noon, unless told otherwise. */
export function batchOf(
  lines: readonly string[],
  more: Partial<RawBatch> = {},
  arrival = NOON + 60_000,
): RawBatch {
  return {
    kind: 'batch',
    source: 'hubs',
    partition: 'entra/0',
    messages: [{ bytes: Buffer.from(lines.join('\n')), at: '1', arrival }],
    cursors: [],
    ...more,
  }
}
