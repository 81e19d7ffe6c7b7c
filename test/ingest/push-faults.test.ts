import { gzipSync } from 'node:zlib'
import { OAuth2Server } from 'oauth2-mock-server'
import { expect } from 'vitest'
import { testFaults } from './faults.ts'
import { type PushTarget, post, sendUntilTaken, startPush } from './push.ts'

function lines(from: number, to: number, at = '2026-01-02T03:04:05Z'): string {
  const one = (n: number): string => `{"time":"${at}","n":${n},"pad":"${'p'.repeat(200)}"}\n`
  return Array.from({ length: to - from }, (_, n) => one(from + n)).join('')
}

/** The books once they are settled: what was answered is in them already. */
async function booksOf({ weir }: PushTarget): Promise<object> {
  const source = await weir.source('push')
  const { read = 0, normalized = 0, duplicates = 0, quarantined = 0 } = source ?? {}
  return { read, normalized, duplicates, quarantined }
}

testFaults('a push source', {
  'first run': async () => {
    const target = await startPush()
    expect((await post(target, lines(0, 100))).status).toBe(202)
    expect(await booksOf(target)).toEqual({ read: 100, normalized: 100, duplicates: 0, quarantined: 0 })
    await target.weir.stop()
  },

  restart: async () => {
    const target = await startPush()
    await post(target, lines(0, 100))
    await target.weir.killAndRestart()
    await sendUntilTaken(() => post(target, lines(100, 150)))
    expect(await booksOf(target)).toEqual({ read: 150, normalized: 150, duplicates: 0, quarantined: 0 })
    await target.weir.stop()
  },

  'kill -9': async () => {
    const target = await startPush()
    const [senders, requests, records] = [8, 60, 20]
    let taken = 0
    const unanswered: (number | 'no answer')[] = []
    const send = async (sender: number): Promise<void> => {
      for (let n = 0; n < requests; n++) {
        const first = (sender * requests + n) * records
        const { repeats } = await sendUntilTaken(() => post(target, lines(first, first + records)))
        unanswered.push(...repeats)
        taken++
      }
    }
    const all = Promise.all(Array.from({ length: senders }, (_, sender) => send(sender)))
    for (const share of [0.2, 0.5, 0.8]) {
      await target.weir.until('some is taken', 'push', () => taken >= share * senders * requests)
      await target.weir.killAndRestart()
    }
    await all
    const books = (await target.weir.source('push'))!
    await target.weir.stop()
    const pushed = senders * requests * records
    expect(unanswered).toContain('no answer')
    expect([books.normalized, books.read - books.duplicates]).toEqual([pushed, pushed])
    expect(books.duplicates / records).toBeLessThanOrEqual(unanswered.length)
  },

  'token expired': async () => {
    const entra = new OAuth2Server()
    await entra.issuer.keys.generate('RS256')
    await entra.start(0, '127.0.0.1')
    const tenantId = '11111111-2222-4333-8444-555555555555'
    const client = 'aaaaaaaa-0000-4000-8000-000000000001'
    const rules = { 'dcr-1': { 'Custom-App': 'generic' } }
    const keysUrl = `${entra.issuer.url}/jwks`
    const target = await startPush({ logsIngestion: { tenantId, clients: [client], rules, keysUrl } })
    const push = async (expiresIn: number): Promise<number> => {
      const token = await entra.issuer.buildToken({
        scopesOrTransform: (_, payload) =>
          Object.assign(payload, {
            iss: `https://sts.windows.net/${tenantId}/`,
            aud: 'https://monitor.azure.com',
            appid: client,
            exp: payload.iat + expiresIn,
          }),
      })
      const path = '/dataCollectionRules/dcr-1/streams/Custom-App?api-version=2023-01-01'
      const headers = { authorization: `Bearer ${token}` }
      const body = `[${lines(0, 10).trimEnd().replaceAll('\n', ',')}]`
      return (await fetch(target.url + path, { method: 'POST', headers, body })).status
    }
    expect([await push(-600), await push(600)]).toEqual([401, 204])
    expect(await booksOf(target)).toEqual({ read: 10, normalized: 10, duplicates: 0, quarantined: 0 })
    await target.weir.stop()
    await entra.stop()
  },

  throttled: async () => {
    const target = await startPush({ requestsWaitingMax: 2 })
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, n) => sendUntilTaken(() => post(target, lines(n * 5, n * 5 + 5)))),
    )
    expect(sent.flatMap(({ repeats }) => repeats)).toContain(429)
    expect(await booksOf(target)).toEqual({ read: 200, normalized: 200, duplicates: 0, quarantined: 0 })
    await target.weir.stop()
  },

  'network cut mid-page': async () => {
    const target = await startPush()
    const whole = lines(0, 100)
    const cut = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(whole.slice(0, 10_000)))
      },
      pull(controller) {
        controller.error(new Error('the network is cut'))
      },
    })
    await expect(post(target, cut)).rejects.toThrow()
    await sendUntilTaken(() => post(target, whole))
    expect(await booksOf(target)).toEqual({ read: 100, normalized: 100, duplicates: 0, quarantined: 0 })
    await target.weir.stop()
  },

  'truncated body': async () => {
    const target = await startPush()
    const packed = gzipSync(lines(0, 10))
    const headers = { 'content-encoding': 'gzip' }
    expect((await post(target, packed.subarray(0, -12), headers)).status).toBe(400)
    expect((await post(target, packed, headers)).status).toBe(202)
    const cut = await post(target, lines(10, 20).slice(0, -30))
    expect([cut.status, await cut.json()]).toEqual([202, { records: 9, unreadable: 1 }])
    expect(await booksOf(target)).toEqual({ read: 20, normalized: 19, duplicates: 0, quarantined: 1 })
    await target.weir.stop()
  },

  'clock skew': async () => {
    const target = await startPush({}, { line: { groupCommit: '5ms', skewMax: '5m' } })
    await post(target, lines(0, 1, '2099-01-01T00:00:00Z') + lines(1, 3))
    const { partitions } = (await target.weir.source('push'))!
    expect(Date.parse(partitions[0]!.clock!)).toBeLessThan(Date.parse('2098-01-01T00:00:00Z'))
    expect(await booksOf(target)).toEqual({ read: 3, normalized: 3, duplicates: 0, quarantined: 0 })
    await target.weir.stop()
  },

  duplicates: async () => {
    const target = await startPush()
    for (let n = 0; n < 2; n++) expect((await post(target, lines(0, 10))).status).toBe(202)
    expect(await booksOf(target)).toEqual({ read: 20, normalized: 10, duplicates: 10, quarantined: 0 })
    // The line's own memory of repeats is gone now; the source's is not.
    await target.weir.killAndRestart()
    await sendUntilTaken(() => post(target, lines(0, 10)))
    expect(await booksOf(target)).toEqual({ read: 30, normalized: 10, duplicates: 20, quarantined: 0 })
    await target.weir.stop()
  },

  'poison record': async () => {
    const target = await startPush()
    const answer = await post(target, `${lines(0, 5)}no record at all\n${lines(5, 10)}`)
    expect([answer.status, await answer.json()]).toEqual([202, { records: 10, unreadable: 1 }])
    expect(await booksOf(target)).toEqual({ read: 11, normalized: 10, duplicates: 0, quarantined: 1 })
    await target.weir.stop()
  },
})
