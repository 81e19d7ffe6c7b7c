import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { Refused } from '../aws/stand-in.ts'
import type { Queue, QueuedMessage } from './queue.ts'

type Answer = Readonly<Record<string, unknown>>
type Action = (queue: Queue, asked: JsonObject, signal: AbortSignal) => Answer | Promise<Answer>

const RECEIVE_MAX = 10
const WAIT_SECONDS_MAX = 20

/** What the stand-in can do of the protocol `AmazonSQS`, by action. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['SendMessage', (queue, asked) => sent(queue.send(textOf(asked, 'MessageBody')))],
  ['SendMessageBatch', sendBatch],
  ['ReceiveMessage', receive],
  [
    'DeleteMessage',
    (queue, asked) => {
      queue.delete(textOf(asked, 'ReceiptHandle'))
      return {}
    },
  ],
  ['DeleteMessageBatch', (queue, asked) => batch(asked, (entry) => deleteOne(queue, entry))],
  [
    'ChangeMessageVisibility',
    (queue, asked) => {
      queue.hide(textOf(asked, 'ReceiptHandle'), numberOf(asked, 'VisibilityTimeout', 0))
      return {}
    },
  ],
  ['ChangeMessageVisibilityBatch', (queue, asked) => batch(asked, (entry) => hideOne(queue, entry))],
  ['GetQueueAttributes', (queue) => ({ Attributes: attributesOf(queue) })],
])

function sendBatch(queue: Queue, asked: JsonObject): Answer {
  const Successful = entriesOf(asked).map((entry) => ({
    Id: textOf(entry, 'Id'),
    ...sent(queue.send(textOf(entry, 'MessageBody'))),
  }))
  return { Successful, Failed: [] }
}

function sent({ id, md5 }: QueuedMessage): Answer {
  return { MessageId: id, MD5OfMessageBody: md5 }
}

async function receive(queue: Queue, asked: JsonObject, signal: AbortSignal): Promise<Answer> {
  const max = numberOf(asked, 'MaxNumberOfMessages', 1)
  const wait = numberOf(asked, 'WaitTimeSeconds', 0)
  if (max < 1 || max > RECEIVE_MAX || wait < 0 || wait > WAIT_SECONDS_MAX)
    throw new Refused(400, 'InvalidParameterValue', 'MaxNumberOfMessages or WaitTimeSeconds is out of range')
  const seconds = numberOf(asked, 'VisibilityTimeout', queue.settings.visibilitySeconds)
  const messages = await queue.receive(max, wait * 1000, seconds, signal)
  // A queue without messages answers without the member.
  return messages.length === 0 ? {} : { Messages: messages.map((message) => given(message, asked)) }
}

function given({ id, receipt, body, md5, receives, sentAt }: QueuedMessage, asked: JsonObject): Answer {
  const all = { ApproximateReceiveCount: String(receives), SentTimestamp: String(sentAt) }
  const names = [asked['MessageSystemAttributeNames'], asked['AttributeNames']].flat().map(String)
  const named = Object.entries(all).filter(([name]) => names.includes(name) || names.includes('All'))
  const Attributes = named.length === 0 ? {} : { Attributes: Object.fromEntries(named) }
  return { MessageId: id, ReceiptHandle: receipt, Body: body, MD5OfBody: md5, ...Attributes }
}

function batch(asked: JsonObject, one: (entry: JsonObject) => void): Answer {
  const Successful: Answer[] = []
  const Failed: Answer[] = []
  for (const entry of entriesOf(asked)) {
    const Id = textOf(entry, 'Id')
    try {
      one(entry)
      Successful.push({ Id })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true })
    }
  }
  return { Successful, Failed }
}

function deleteOne(queue: Queue, entry: JsonObject): void {
  if (!queue.delete(textOf(entry, 'ReceiptHandle')))
    throw new Refused(400, 'ReceiptHandleIsInvalid', 'The receipt handle is not valid')
}

function hideOne(queue: Queue, entry: JsonObject): void {
  queue.hide(textOf(entry, 'ReceiptHandle'), numberOf(entry, 'VisibilityTimeout', 0))
}

function attributesOf(queue: Queue): Answer {
  const { visibilitySeconds, receivesMax, deadLetters } = queue.settings
  return {
    ApproximateNumberOfMessages: String(queue.visible),
    ApproximateNumberOfMessagesNotVisible: String(queue.hidden),
    VisibilityTimeout: String(visibilitySeconds),
    ...(deadLetters !== undefined && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:eu-west-1:000000000000:${deadLetters.settings.name}`,
        maxReceiveCount: receivesMax,
      }),
    }),
  }
}

function entriesOf(asked: JsonObject): JsonObject[] {
  const entries: JsonValue[] = Array.isArray(asked['Entries']) ? [...asked['Entries']] : []
  if (entries.length === 0)
    throw new Refused(400, 'EmptyBatchRequest', 'There should be at least one entry in the request')
  if (entries.length > RECEIVE_MAX)
    throw new Refused(400, 'TooManyEntriesInBatchRequest', 'At most 10 entries are allowed')
  const objects = entries.filter(isObject)
  if (new Set(objects.map((entry) => entry['Id'])).size !== entries.length)
    throw new Refused(400, 'BatchEntryIdsNotDistinct', 'Ids must be distinct')
  return objects
}

function textOf(asked: JsonObject, name: string): string {
  const value = asked[name]
  if (typeof value !== 'string' || value === '')
    throw new Refused(400, 'MissingParameter', `The request must contain the parameter ${name}.`)
  return value
}

function numberOf(asked: JsonObject, name: string, otherwise: number): number {
  const value = asked[name]
  return typeof value === 'number' ? value : otherwise
}
