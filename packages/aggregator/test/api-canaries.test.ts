import { canariesReply, SESSION_HEADER } from '@weir/contract'
import type { Canary } from '@weir/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alertOf, commit, get, type Kit, openKit, openSession, post, START, TOKENS } from './api-kit.ts'

let kit: Kit
beforeEach(() => {
  kit = openKit()
})
afterEach(() => kit.close())

const canary = (id: string, alert?: string): Canary => ({
  id,
  source: 'hub',
  planted: START - 3_000,
  arrived: START - 1_000,
  ...(alert !== undefined && { alert }),
})

/** A canary comes, and its alert with it. */
async function comes(id: string, more: { rule?: string; ship?: boolean } = {}): Promise<void> {
  const alert = alertOf(`alert-${id}`, { severity: 'informational', rule: more.rule ?? 'weir.canary' })
  const revision = {
    severity: 'informational',
    kind: 'detection',
    ship: more.ship ?? true,
    once: true,
  } as const
  await commit(kit, { alerts: [{ alert, ...revision }], canaries: [canary(id, `alert-${id}`)] })
}

async function told(id: string) {
  const { items } = canariesReply.parse((await get(kit, `/v1/canaries?id=${id}`)).json())
  return items[0]!
}

async function marks(session: string, body: object): Promise<void> {
  const reply = await post(kit, '/v1/feed/marks', body, TOKENS.north, { [SESSION_HEADER]: session })
  expect(reply.statusCode).toBe(204)
}

test('each stage has its time once it is reached, and a mark that stands does not move it', async () => {
  await comes('before')
  const { session } = await openSession(kit)
  await comes('c')
  const untouched = await told('c')
  expect(untouched).toMatchObject({ planted: '2026-03-01T11:59:57.000Z', alert: 'alert-c', shipped: true })
  expect(untouched.forwarders).toEqual([
    { name: 'north', filtered: false, outputs: [{ output: 'siem' }] },
    { name: 'south', filtered: false, outputs: [] },
  ])
  kit.clock.advance(1_000)
  await marks(session, { spooled: { bulk: 2 }, delivered: { siem: { bulk: 1 } } })
  kit.clock.advance(1_000)
  expect((await told('before')).forwarders[0]!.outputs[0]!.acknowledged).toBe('2026-03-01T12:00:01.000Z')
  expect((await told('c')).forwarders[0]).toEqual({
    name: 'north',
    filtered: false,
    fetched: '2026-03-01T12:00:01.000Z',
    outputs: [{ output: 'siem' }],
  })
  await marks(session, { delivered: { siem: { bulk: 2 } } })
  kit.clock.advance(60_000)
  await marks(session, { spooled: { bulk: 2 }, delivered: { siem: { bulk: 2 } } })
  expect((await told('c')).forwarders[0]!.outputs).toEqual([
    { output: 'siem', acknowledged: '2026-03-01T12:00:02.000Z' },
  ])
})

test('a forwarder whose filter holds the alert back is said to, whatever its marks passed over', async () => {
  await kit.close()
  kit = openKit({ forwarders: [{ name: 'north', filter: { severities: ['high', 'critical'] } }] })
  const { session } = await openSession(kit)
  await comes('c')
  await marks(session, { spooled: { bulk: 1 }, delivered: { siem: { bulk: 1 } } })
  expect((await told('c')).forwarders).toEqual([
    { name: 'north', filtered: true, outputs: [{ output: 'siem' }] },
  ])
})

test('one whose alert is not shipped, one that no rule looked for, and the first of two of one id', async () => {
  await comes('shadow', { ship: false })
  await commit(kit, { canaries: [canary('lost')] })
  await commit(kit, { canaries: [{ ...canary('lost'), source: 'elsewhere' }] })
  expect(await told('shadow')).toMatchObject({ shipped: false, alert: 'alert-shadow' })
  const lost = await told('lost')
  expect([lost.shipped, lost.alert, lost.source]).toEqual([false, undefined, 'hub'])
  const { items } = canariesReply.parse((await get(kit, '/v1/canaries?limit=1')).json())
  expect(items.map(({ id }) => id)).toEqual(['lost'])
})

test('a thousand are kept; the oldest go', async () => {
  const many = Array.from({ length: 1_003 }, (_, n) => canary(`c${n}`))
  await commit(kit, { canaries: many })
  const { items } = canariesReply.parse((await get(kit, '/v1/canaries?limit=1000')).json())
  expect([items.length, items[0]!.id, items.at(-1)!.id]).toEqual([1_000, 'c1002', 'c3'])
})
