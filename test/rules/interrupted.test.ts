import { loadRuleFolders } from '@weir/aggregator'
import type { RawMessage } from '@weir/model'
import { classify, unwrap } from '@weir/normalize'
import { DEFAULTS, replay } from '@weir/pipeline'
import { describe, expect, test } from 'vitest'

const rules = await loadRuleFolders([new URL('../../rules', import.meta.url).pathname])

/** Codes of sign-ins that were stopped to ask for something: a second factor, its enrolment, a session, a device. */
const PROMPTS = [
  16000, 16001, 50055, 50058, 50072, 50074, 50076, 50078, 50079, 50097, 50125, 50127, 50129, 50140, 50144,
  50158, 50199, 51006, 65001, 70043, 70044,
]
/** More than any shipped rule counts to, within the timespan of every one. */
const TIMES = 40
const START = Date.UTC(2026, 2, 10, 9)

type Sign = (id: string, code: number, at: number, user: string, ip: string) => object

const hub: Sign = (id, code, at, user, ip) => ({
  time: new Date(at + 60_000).toISOString(),
  resourceId: '/tenants/t1/providers/Microsoft.aadiam',
  operationName: 'Sign-in activity',
  category: 'SignInLogs',
  resultType: String(code),
  callerIpAddress: ip,
  properties: graph(id, code, at, user, ip),
})

const graph: Sign = (id, code, at, user, ip) => ({
  id,
  createdDateTime: new Date(at).toISOString(),
  userPrincipalName: user,
  appDisplayName: 'Portal',
  clientAppUsed: 'Browser',
  ipAddress: ip,
  isInteractive: true,
  incomingTokenType: 'none',
  status: { errorCode: code },
})

const office: Sign = (id, code, at, user, ip) => ({
  Id: `${id}-${code}`,
  CreationTime: new Date(at).toISOString().slice(0, 19),
  Operation: code === 0 ? 'UserLoggedIn' : 'UserLoginFailed',
  RecordType: 15,
  ResultStatus: 'Success',
  Workload: 'AzureActiveDirectory',
  UserId: user,
  ClientIP: ip,
  ErrorNumber: String(code),
})

const WAYS: readonly (readonly [string, Sign])[] = [
  ['as exported', hub],
  ['as Graph has them', graph],
  ['as the unified audit mirrors them', office],
]

/** Everybody behind one address, and one user from everywhere: what guessing looks like. */
const MANY_USERS = (i: number) => [`user${i}@example.com`, '203.0.113.7'] as const
const MANY_ADDRESSES = (i: number) => ['ada@example.com', `198.51.100.${i + 1}`] as const
const ONE = () => ['ada@example.com', '203.0.113.7'] as const

/** Sign-ins one after the other, a second apart; each is interrupted first, then done under the same id. */
function signins(
  sign: Sign,
  codes: readonly number[],
  of: (i: number) => readonly [string, string],
  done = true,
): object[] {
  return codes.flatMap((code, round) =>
    Array.from({ length: TIMES }, (_, i) => {
      const [user, ip] = of(i)
      const id = `s${code}-${i}`
      const at = START + (round * TIMES + i) * 1000
      const first = sign(id, code, at, user, ip)
      return done ? [first, sign(id, 0, at + 500, user, ip)] : [first]
    }).flat(),
  )
}

async function alertsOf(records: readonly object[]): Promise<readonly string[]> {
  const told = new Set<string>()
  const messages = async function* (): AsyncGenerator<RawMessage> {
    for (const [i, record] of records.entries())
      yield { bytes: Buffer.from(JSON.stringify(record)), at: String(i), arrival: START + i }
  }
  const inputs = [{ name: 'hub', messages: messages() }]
  for await (const { commit } of replay({ ...DEFAULTS, version: 'test' }, rules, inputs))
    for (const { alert } of commit.alerts) told.add(alert.rule.id)
  return [...told]
}

describe.each(WAYS)('sign-ins that were interrupted, then done, %s', (_way, sign) => {
  test.each(PROMPTS)('%d is neither success nor failure', (code) => {
    const [record] = unwrap(
      Buffer.from(JSON.stringify(sign('s1', code, START, 'a@example.com', '203.0.113.7'))),
    ).records
    expect(classify(record!).fields.get('event.outcome')?.read(record!)).toBe('unknown')
  })

  test.each([
    ['by many users from one address', MANY_USERS],
    ['by one user from many addresses', MANY_ADDRESSES],
    ['by one user from one address', ONE],
  ])('%s: no shipped rule says anything, however often they happen', async (_of, of) => {
    expect(await alertsOf(signins(sign, PROMPTS, of))).toEqual([])
  })
})

test('the same traffic with a wrong password is told, so that the silence above means something', async () => {
  expect(await alertsOf(signins(hub, [50126], MANY_USERS, false))).toEqual(['entra.password-spray'])
  expect(await alertsOf(signins(hub, [50126], MANY_ADDRESSES, false))).toEqual(['entra.distributed-guessing'])
  expect(await alertsOf(signins(graph, [50126], MANY_USERS, false))).toEqual(['entra.password-spray'])
})
