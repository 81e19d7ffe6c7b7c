import { BLOB_BOUNDS, checkBlobs, checkEventHubs, EVENT_HUBS_BOUNDS } from '@weir/ingest'
import { systemClock } from '@weir/runtime'
import { expect, test } from 'vitest'
import { startAzurite } from './azurite.ts'
import { startEventHubs } from './event-hubs.ts'

test('a hub that is there tells its partitions, one that is not is named with the reason', async () => {
  const hubs = await startEventHubs(['entra:2'])
  const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
  const rest = { consumerGroup: 'weir', transport: 'amqp', start: 'earliest' } as const
  const config = { ...EVENT_HUBS_BOUNDS, ...rest, name: 'hubs', auth, hubs: ['entra', 'gone'] }
  const checks = await checkEventHubs(config, systemClock)
  await hubs.stop()
  expect(checks).toEqual([
    { name: 'hubs credential', ok: true, detail: 'a token was given' },
    { name: 'hubs hub entra', ok: true, detail: '2 partitions' },
    {
      name: 'hubs hub gone',
      ok: false,
      detail: expect.stringContaining('amqp:not-found'),
      remedy: expect.stringContaining('the name of the hub'),
    },
  ])
})

test('a container that is there is listed, one that is not is named with the reason', async () => {
  const azurite = await startAzurite()
  await azurite.service.getContainerClient('logs').create()
  const auth = { kind: 'emulator', connectionString: azurite.connectionString } as const
  const containers = ['logs', 'gone'].map((container) => ({ container, kind: 'append' }) as const)
  const config = { ...BLOB_BOUNDS, name: 'blobs', auth, containers }
  const checks = await checkBlobs(config, systemClock)
  await azurite.kill()
  expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
    ['blobs credential', true],
    ['blobs container logs', true],
    ['blobs container gone', false],
  ])
  expect(checks[1]!.detail).toBe('can be listed; it is empty')
  expect(checks[2]!.detail).toMatch(/^ContainerNotFound: /)
})
