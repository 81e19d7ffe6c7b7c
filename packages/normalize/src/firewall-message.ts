import type { FieldValue } from '@weir/model'
import { addressOf } from './address.ts'
import { derived, type Row, reach, textOf } from './read.ts'

/** What the older Azure Firewall categories say in one sentence, taken apart. */
const MESSAGE =
  /^(?<protocol>[A-Z]+\d*) (?:Type=\d+ )?request from (?<source>\S+?)(?::(?<sourcePort>\d+))? to (?<target>\S+?)(?::(?<targetPort>\d+))?(?=\.? |\.?$)/i
const ACTION = /\bAction: (\w+)/
const TRANSLATED = /was DNAT'ed to (\S+?)(?::\d+)?(?:\. |$)/
const INTEL = /\bThreatIntel: (.+?)\.?$/

type Part = 'protocol' | 'source' | 'sourcePort' | 'target' | 'targetPort'

const messageAt = reach('properties.msg')

function of(words: string, read: (message: string) => FieldValue): Row {
  return derived(`properties.msg: ${words}`, (record) => {
    const message = textOf(messageAt(record))
    return message === undefined ? undefined : read(message)
  })
}

function part(message: string, name: Part): string | undefined {
  return MESSAGE.exec(message)?.groups?.[name]
}

function portOf(message: string, name: Part): number | undefined {
  const text = part(message, name)
  return text === undefined ? undefined : Number(text)
}

/** The rows that the sentence gives. */
export const FIREWALL = {
  sourceIp: of('request from', (message) => addressOf(part(message, 'source') ?? '').ip),
  sourcePort: of('request from', (message) => portOf(message, 'sourcePort')),
  destinationIp: of('request to', (message) => addressOf(part(message, 'target') ?? '').ip),
  destinationAddress: of('request to', (message) => part(message, 'target')),
  destinationPort: of('request to', (message) => portOf(message, 'targetPort')),
  protocol: of('protocol', (message) => part(message, 'protocol')),
  action: of('Action', (message) => ACTION.exec(message)?.[1]),
  translatedIp: of("DNAT'ed to", (message) => addressOf(TRANSLATED.exec(message)?.[1] ?? '').ip),
  threat: of('ThreatIntel', (message) => INTEL.exec(message)?.[1]),
} as const
