import { isIP } from 'node:net'
import type { AlertV1 } from '@weir/contract'
import { present } from './present.ts'
import { textAt } from './text.ts'

type Members = Readonly<Record<string, unknown>>

/** Kinds of observables, by OCSF's numbers. */
const HOSTNAME = { type_id: 1, type: 'Hostname' } as const
const IP_ADDRESS = { type_id: 2, type: 'IP Address' } as const
const USER_NAME = { type_id: 4, type: 'User Name' } as const
const USER_AGENT = { type_id: 16, type: 'HTTP User-Agent' } as const

/** As much of an address as OCSF wants of one; it has no place for others. */
const EMAIL = /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+$/

/** What the members of an alert agree on, as one evidence; none when they agree on nothing that OCSF counts as one. */
export function evidencesOf(alert: AlertV1): Members[] {
  const { source, destination, user, user_agent: agent } = alert
  const evidence = present({
    src_endpoint: endpointOf(source),
    dst_endpoint: endpointOf(destination),
    actor: present({ user: userOf(user) }),
    user: present({ name: textAt(user, 'target.name') }),
    api: apiOf(alert),
  })
  if (evidence === undefined) return []
  return [{ ...evidence, ...present({ http_request: present({ user_agent: textAt(agent, 'original') }) }) }]
}

/** What can be searched for: every address, user and host that the listed members name. */
export function observablesOf({ related, user_agent: agent }: AlertV1): Members[] {
  const of = (path: string, kind: Members, values: readonly string[]) =>
    values.map((value) => ({ name: path, ...kind, value }))
  const original = textAt(agent, 'original')
  return [
    ...of(
      'unmapped.related.ip',
      IP_ADDRESS,
      textsAt(related, 'ip').filter((ip) => isIP(ip) !== 0),
    ),
    ...of('unmapped.related.user', USER_NAME, textsAt(related, 'user')),
    ...of('unmapped.related.hosts', HOSTNAME, textsAt(related, 'hosts')),
    ...of(
      'evidences.http_request.user_agent',
      USER_AGENT,
      original === undefined || original === '' ? [] : [original],
    ),
  ]
}

/** Where it happened; OCSF knows no cloud without a provider. */
export function cloudOf({ cloud }: AlertV1): Members | undefined {
  const provider = textAt(cloud, 'provider')
  if (provider === undefined || provider === '') return undefined
  const account = present({ uid: textAt(cloud, 'account.id') })
  return { provider, ...present({ region: textAt(cloud, 'region'), account }) }
}

function endpointOf(end: unknown): Members | undefined {
  const ip = textAt(end, 'ip') ?? ''
  if (isIP(ip) === 0) return undefined
  return present({
    ip,
    port: numberAt(end, 'port', 65_535),
    location: present({ country: textAt(end, 'geo.country_iso_code') }),
    autonomous_system: present({ number: numberAt(end, 'as.number', 4_294_967_295) }),
  })
}

function userOf(user: unknown): Members | undefined {
  const known = present({ name: textAt(user, 'name'), uid: textAt(user, 'id') })
  const email = textAt(user, 'email') ?? ''
  return known && { ...known, ...present({ email_addr: EMAIL.test(email) ? email : undefined }) }
}

function apiOf({ event, cloud }: AlertV1): Members | undefined {
  if (event.action === undefined || event.action === '') return undefined
  return {
    operation: event.action,
    ...present({ service: present({ name: textAt(cloud, 'service.name') }) }),
  }
}

function numberAt(object: unknown, path: string, max: number): number | undefined {
  const number = Number(textAt(object, path) ?? Number.NaN)
  return Number.isInteger(number) && number >= 0 && number <= max ? number : undefined
}

function textsAt(related: AlertV1['related'], key: string): string[] {
  const value = related?.[key]
  const list = Array.isArray(value) ? value : [value]
  return list.filter((each): each is string => typeof each === 'string' && each !== '')
}
