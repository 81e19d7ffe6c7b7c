import type { HealthReport } from '@weir/model'
import { createReport } from '@weir/runtime'
import { expect, test } from 'vitest'
import { freeBytes, watchDisk } from '../src/disk.ts'
import { ManualClock } from './api-kit.ts'

const LOOK_MS = 30_000

test('a disk that fills is told while there is room to tell, and over when a tenth more is free', async () => {
  const [clock, over] = [new ManualClock(), new AbortController()]
  const said: HealthReport[] = []
  let free: number | Error = 5000
  const ports = {
    clock,
    report: createReport('silent'),
    health: (each: HealthReport) => void said.push(each),
    freeBytes: async () => {
      if (free instanceof Error) throw free
      return free
    },
  }
  const running = watchDisk({ folder: '/data', freeBytesMin: 1000 }, ports, over.signal)
  const look = async (now: number | Error): Promise<string[]> => {
    free = now
    await clock.sleeping(LOOK_MS)
    said.length = 0
    clock.advance(LOOK_MS)
    await clock.sleeping(LOOK_MS)
    return said.map(({ code, subject, state, detail }) => `${code} ${subject} ${state}: ${detail}`)
  }
  expect(await look(1000)).toEqual([])
  expect(await look(999)).toEqual(['disk-low store raised: 999 bytes are free for /data; the least is 1000.'])
  expect(await look(1099)).toEqual([])
  expect(await look(new Error('gone'))).toEqual([])
  expect(await look(1100)).toEqual([
    'disk-low store cleared: 1100 bytes are free for /data; the least is 1000.',
  ])
  over.abort()
  await running
})

test('free bytes are those of the disk beneath', async () => {
  expect(await freeBytes(import.meta.dirname)).toBeGreaterThan(0)
})
