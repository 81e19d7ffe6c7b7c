import { expect, test } from 'vitest'
import { evidenceProgress } from '../src/alerts/evidence-progress.ts'

test('a terminal sees how far it is, not more often than it can be read; nobody else sees anything', () => {
  let now = 0
  const written: string[] = []
  const write = (text: string | Uint8Array): boolean => written.push(String(text)) > 0
  const progress = evidenceProgress({ isTTY: true, write }, () => now)!
  progress.show(1, 300, 20)
  progress.show(2, 300, 40)
  now = 250
  progress.show(200, 300, 1_250_000)
  progress.clear()
  expect(written).toEqual([
    '\r\u001b[K1 of 300 members, 20 bytes',
    '\r\u001b[K200 of 300 members, 1.3 MB',
    '\r\u001b[K',
  ])
  expect(evidenceProgress({ isTTY: false, write })).toBeUndefined()
})
