import { systemClock } from '@weir/runtime'
import { expect, test } from 'vitest'
import { RestClient } from '../src/rest/client.ts'

const service = {
  name: 'graph',
  root: 'http://127.0.0.1:1',
  scope: 'scope',
  answerMsMax: 1_000,
  bodyBytesMax: 1_000,
}

test('a stop does not wait for a token that does not come', async () => {
  let asked = (): void => undefined
  const asking = new Promise<void>((resolve) => {
    asked = resolve
  })
  const getToken = (): Promise<null> => {
    asked()
    return new Promise(() => undefined)
  }
  const client = new RestClient({ ...service, credential: { getToken } }, systemClock)
  const stop = new AbortController()
  const answer = client.ask('/v1.0/me', stop.signal)
  await asking
  stop.abort(new Error('stopped'))
  await expect(answer).rejects.toThrow('stopped')
  await client.close()
})
