import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CreditPool } from '../src/eventhubs/credit-pool.ts'

class Receiver {
  open = 0
  credit(messages: number): void {
    this.open += messages
  }
}

function poolOf(receivers: number, bytesInFlightMax: number, messageBytesMax: number): CreditPool {
  const pool = new CreditPool(bytesInFlightMax, messageBytesMax)
  for (let n = 0; n < receivers; n++) pool.expect()
  return pool
}

test('half of the bound is dealt out, evenly, whoever comes first', () => {
  const pool = poolOf(4, 64, 1)
  const receivers = Array.from({ length: 4 }, () => new Receiver())
  for (const receiver of receivers) pool.join(receiver)
  expect(receivers.map(({ open }) => open)).toEqual([8, 8, 8, 8])
})

test('with more receivers than the bound has room for, each still has one, and room for one to wait', () => {
  const pool = poolOf(100, 64, 1)
  const receivers = Array.from({ length: 100 }, () => new Receiver())
  for (const receiver of receivers) pool.join(receiver)
  expect(receivers.every(({ open }) => open === 1)).toBe(true)
})

test('a receiver that left takes its credit along, and begins anew when it joins again', () => {
  const pool = poolOf(1, 8, 1)
  const first = new Receiver()
  pool.join(first)
  pool.leave(first)
  const second = new Receiver()
  pool.join(second)
  expect(second.open).toBe(4)
})

test('while nothing is committed, credit ends; when it is, credit comes back', () => {
  const pool = poolOf(1, 8, 1)
  const receiver = new Receiver()
  pool.join(receiver)
  let received = 0
  for (; receiver.open > 0; received++) {
    receiver.open--
    pool.received(receiver, 1)
  }
  expect(received).toBe(8)
  pool.release(8)
  expect(receiver.open).toBe(4)
})

test('whatever comes, the worst case stays within the bound, and nobody starves once all is committed', () => {
  const step = fc.record({
    receiver: fc.nat(4),
    act: fc.constantFrom('receive', 'release', 'leave', 'join'),
    bytes: fc.integer({ min: 0, max: 10 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const pool = poolOf(5, 60, 10)
      const bound = 100
      const receivers = Array.from({ length: 5 }, () => ({ link: new Receiver(), joined: false }))
      const held: number[] = []
      for (const { receiver, act, bytes } of steps) {
        const one = receivers[receiver]!
        if (act === 'join' && !one.joined) {
          one.link = new Receiver()
          pool.join(one.link)
          one.joined = true
        } else if (act === 'leave' && one.joined) {
          pool.leave(one.link)
          one.joined = false
        } else if (act === 'receive' && one.joined && one.link.open > 0) {
          one.link.open--
          held.push(bytes)
          pool.received(one.link, bytes)
        } else if (act === 'release' && held.length > 0) pool.release(held.shift()!)
        const open = receivers.filter(({ joined }) => joined).reduce((sum, { link }) => sum + link.open, 0)
        expect(pool.held + open * 10).toBeLessThanOrEqual(bound)
      }
      for (const bytes of held) pool.release(bytes)
      expect(receivers.every(({ joined, link }) => !joined || link.open > 0)).toBe(true)
    }),
  )
})

/** So many messages of a size come in and are committed at once. */
function pass(pool: CreditPool, receiver: Receiver, messages: number, bytes: number): void {
  for (let n = 0; n < messages; n++) {
    expect(receiver.open--).toBeGreaterThan(0)
    pool.received(receiver, bytes)
    pool.release(bytes)
  }
}

test('while messages are small there is more credit, up to four times; a large one ends that', () => {
  const pool = poolOf(1, 800, 100)
  const receiver = new Receiver()
  pool.join(receiver)
  expect(receiver.open).toBe(4)
  pass(pool, receiver, 1_000, 1)
  expect(receiver.open).toBeGreaterThan(8)
  expect(receiver.open).toBeLessThanOrEqual(16)
  pass(pool, receiver, 1, 100)
  pass(pool, receiver, 15, 100)
  expect(receiver.open).toBeLessThanOrEqual(4)
})

test('who has large messages is not without credit while the others hold and do not use theirs', () => {
  const pool = poolOf(3, 600, 100)
  const receivers = Array.from({ length: 3 }, () => new Receiver())
  for (const receiver of receivers) pool.join(receiver)
  for (const receiver of receivers) pass(pool, receiver, 1_000, 1)
  for (const receiver of receivers) pass(pool, receiver, 1, 100)
  pass(pool, receivers[0]!, 50, 100)
  expect(receivers[0]!.open).toBeGreaterThan(0)
  expect(pool.full).toBe(false)
})
