import { Socket } from 'node:dgram'
import { createReport, systemClock } from '@weir/runtime'
import { afterEach, expect, test, vi } from 'vitest'
import { LIMITS } from '../src/limits.ts'
import type { Message } from '../src/outputs/output.ts'
import { syslogConfig } from '../src/outputs/syslog/config.ts'
import { SyslogOutput } from '../src/outputs/syslog/send.ts'
import { makeAlert } from './support/alert.ts'
import { DatagramReceiver } from './support/datagrams.ts'
import { SyslogReceiver } from './support/receiver.ts'

const opened: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const NEVER = new AbortController().signal

test('batches go out while those before them wait to be confirmed, and in order', async () => {
  const siem = await receiver()
  const confirm = latch()
  const output = outputTo(siem.port, confirm.clock)
  const sends = [['a', 'b'], ['c'], ['d']].map((ids) => output.send(messages(output, ids), NEVER))
  await siem.watched.until(() => siem.messages.length === 4)
  expect(siem.revisions()).toEqual(['a 1', 'b 1', 'c 1', 'd 1'])
  expect(siem.connections).toBe(1)
  expect(await settled(sends)).toEqual(['waits', 'waits', 'waits'])
  confirm.open()
  expect(await Promise.all(sends)).toEqual([[], [], []])
})

test('a break fails every batch that was not confirmed, and doubts those that were', async () => {
  const siem = await receiver()
  const confirm = latch()
  const output = outputTo(siem.port, confirm.clock)
  const first = output.send(messages(output, ['a']), NEVER)
  await siem.watched.until(() => siem.messages.length === 1)
  confirm.open()
  await first
  confirm.shut()
  const later = [['b'], ['c']].map((ids) => output.send(messages(output, ids), NEVER))
  await siem.watched.until(() => siem.messages.length === 3)
  siem.hangUp('reset')
  expect((await Promise.allSettled(later)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(output.inDoubt).toBe(1)
  confirm.open()
  await Promise.all([
    output.send(messages(output, ['b']), NEVER),
    output.send(messages(output, ['c']), NEVER),
  ])
  await siem.watched.until(() => siem.messages.length === 6)
  expect(siem.revisions().slice(3)).toEqual(['a 1', 'b 1', 'c 1'])
  expect(output.inDoubt).toBe(0)
})

test('those who begin together share one connection, and one refusal', async () => {
  const siem = await receiver()
  await siem.close()
  const output = outputTo(siem.port, systemClock)
  const sends = [['a'], ['b']].map((ids) => output.send(messages(output, ids), NEVER))
  expect((await Promise.allSettled(sends)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('over UDP a message is a datagram', async () => {
  const siem = new DatagramReceiver()
  const port = await siem.listen()
  opened.push(() => siem.close())
  const output = outputTo(port, systemClock, { transport: 'udp' })
  await output.send(messages(output, ['a', 'b']), NEVER)
  await siem.watched.until(() => siem.messages.length === 2)
  expect(siem.messages[0]).toMatch(/^<131>1 [^\n]*$/)
  expect(siem.revisions()).toEqual(['a 1', 'b 1'])
})

test('over UDP a refusal means that nothing of the batch counts', async () => {
  const siem = new DatagramReceiver()
  const port = await siem.listen()
  await siem.close()
  const output = outputTo(port, systemClock, { transport: 'udp' })
  const refused = output.send(messages(output, ['a']), NEVER)
  await expect(refused).rejects.toThrow(`nobody takes datagrams at 127.0.0.1:${port} for output siem`)
})

test('over UDP an address that cannot be spoken to leaves no socket behind', async () => {
  const ended = vi.spyOn(Socket.prototype, 'close')
  const output = outputTo(514, systemClock, { transport: 'udp', host: '255.255.255.255' })
  await expect(output.send(messages(output, ['a']), NEVER)).rejects.toThrow('EACCES')
  expect(ended).toHaveBeenCalledOnce()
  ended.mockRestore()
})

async function receiver() {
  const siem = new SyslogReceiver('octet')
  const port = await siem.listen()
  opened.push(() => siem.close())
  return Object.assign(siem, { port })
}

function outputTo(port: number, clock: typeof systemClock, more: object = {}): SyslogOutput {
  const of = { type: 'syslog', name: 'siem', host: '127.0.0.1', port, transport: 'tcp', ...more }
  const tools = { clock, report: createReport('silent'), random: Math.random, limits: LIMITS, wake: () => {} }
  const output = new SyslogOutput(syslogConfig.parse(of), tools)
  opened.push(() => output.close())
  return output
}

function messages(output: SyslogOutput, ids: readonly string[]): Message[] {
  return ids.map((id) => ({ entry: {} as Message['entry'], bytes: output.encode(makeAlert({ id })) }))
}

async function settled(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const waits = new Promise((resolve) => setImmediate(resolve, 'waits'))
  return Promise.all(
    promises.map((each) => Promise.race([each.then(() => 'done'), waits]) as Promise<string>),
  )
}

/** A clock on which the confirm time passes when the test says so; all other waits are as long as ever. */
function latch() {
  let shut = Promise.withResolvers<void>()
  const clock: typeof systemClock = {
    now: () => systemClock.now(),
    sleep: (ms, signal) =>
      ms === LIMITS.confirmMs ? Promise.race([shut.promise, aborted(signal)]) : systemClock.sleep(ms, signal),
  }
  return {
    clock,
    open: () => shut.resolve(),
    shut: () => {
      shut = Promise.withResolvers<void>()
    },
  }
}

async function aborted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted) resolve()
    signal?.addEventListener('abort', () => resolve())
  })
}
