import { isObject, type JsonObject } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { type Protocol, Refused, type StandIn, startStandIn } from '../aws/stand-in.ts'
import { ACTIONS } from './actions.ts'
import { Queue, type QueueSettings } from './queue.ts'

/** SQS on loopback: the JSON protocol, as the SDK speaks it. */
export interface Sqs extends StandIn {
  queue(name: string): Queue
  queueUrl(name: string): string
}

const TYPE = 'application/x-amz-json-1.0'
const ACCOUNT = '000000000000'

export async function startSqs(
  queues: readonly Omit<QueueSettings, 'deadLetters'>[],
  clock: Clock,
): Promise<Sqs> {
  const all = new Map<string, Queue>()
  for (const settings of queues) {
    const dead = new Queue({ name: `${settings.name}-dead`, visibilitySeconds: 30 }, clock)
    const deadLetters = settings.receivesMax === undefined ? {} : { deadLetters: dead }
    all.set(settings.name, new Queue({ ...settings, ...deadLetters }, clock))
    all.set(dead.settings.name, dead)
  }
  const standIn = await startStandIn(protocolOf(all))
  return {
    ...standIn,
    queue: (name) => all.get(name)!,
    queueUrl: (name) => `${standIn.url}/${ACCOUNT}/${name}`,
  }
}

function protocolOf(queues: ReadonlyMap<string, Queue>): Protocol {
  return {
    action: (headers) => String(headers['x-amz-target'] ?? '').replace(/^AmazonSQS\./, ''),
    async answer(name, body, signal) {
      const action = ACTIONS.get(name)
      if (action === undefined) throw new Refused(400, 'UnknownOperationException', name)
      const asked = parsed(body)
      const queue = queues.get(String(asked['QueueUrl']).split('/').at(-1) ?? '')
      if (queue === undefined)
        throw new Refused(400, 'QueueDoesNotExist', 'The specified queue does not exist.')
      const answer = await action(queue, asked, signal)
      return { status: 200, headers: { 'content-type': TYPE }, body: JSON.stringify(answer) }
    },
    refusal: ({ status, code, message }) => ({
      status,
      headers: { 'content-type': TYPE, 'x-amzn-query-error': `${code};Sender` },
      body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
    }),
  }
}

function parsed(body: string): JsonObject {
  const value: unknown = JSON.parse(body)
  if (!isObject(value)) throw new Refused(400, 'InvalidParameterValue', 'the request is no object')
  return value
}
