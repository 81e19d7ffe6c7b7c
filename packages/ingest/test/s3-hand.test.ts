import { type Clock, createReport } from '@weir/runtime'
import { expect, test } from 'vitest'
import { Hand, type SqsService } from '../src/s3/hand.ts'

/** Time passes at once for whoever sleeps. */
const clock: Clock = { now: () => 0, sleep: async () => undefined }
const config = { source: 's3', url: 'https://sqs.example/q', visibilityMs: 30_000 }

class Command {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** A queue that takes requests and answers none; those that are given up end. */
function silentService(): { readonly service: SqsService; readonly asked: Promise<void> } {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  const send = (_: Command, options?: { readonly abortSignal?: AbortSignal }): Promise<never> => {
    resolve()
    return new Promise((_, reject) => {
      options?.abortSignal?.addEventListener('abort', () => reject(new Error('aborted')))
    })
  }
  const sdk = { DeleteMessageBatchCommand: Command, ChangeMessageVisibilityBatchCommand: Command }
  return { service: { client: { send }, sdk } as unknown as SqsService, asked }
}

test('a stop does not wait for a queue that does not answer', async () => {
  const stop = new AbortController()
  const { service, asked } = silentService()
  const hand = new Hand(config, service, clock, createReport('silent'), stop.signal)
  hand.take({ MessageId: 'a', ReceiptHandle: 'a' })
  hand.take({ MessageId: 'b', ReceiptHandle: 'b' })
  const hiding = hand.keepHidden()
  hand.finish('a')
  await asked
  stop.abort()
  await hiding
  await hand.settled()
  expect(stop.signal.aborted).toBe(true)
})
