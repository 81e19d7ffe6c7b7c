import { look, type SourceCheck } from '@weir/ingest'
import { isObject } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { lookAtPort, lookAtTls, type Place } from '../doctor/port.ts'
import { keysUrlOf } from './entra-tokens.ts'
import type { LogsIngestionSettings } from './settings.ts'

/** What there is to look at, before certificates are read. */
export interface PushPlace extends Place {
  readonly name: string
  readonly logsIngestion?: LogsIngestionSettings | undefined
}

/** Looks at the port, the certificate and the tenant's keys; listens for no longer than it takes to see that it could. */
export async function checkPush(place: PushPlace, clock: Clock): Promise<SourceCheck[]> {
  const { name, tls, logsIngestion } = place
  const checks = [
    look(`${name} port`, 'choose another `port`, or stop what holds it', clock, () =>
      lookAtPort(place, (health) => pushIn(health, name)),
    ),
  ]
  if (tls !== undefined)
    checks.push(
      look(`${name} certificate`, 'look at the PEM files; certificate and key belong together', clock, () =>
        lookAtTls(tls, clock),
      ),
    )
  if (logsIngestion !== undefined) {
    const remedy = 'let this machine out to the address, or mend `tenantId` and `cloud`'
    checks.push(look(`${name} keys`, remedy, clock, () => lookAtKeys(keysUrlOf(logsIngestion))))
  }
  return await Promise.all(checks)
}

function pushIn(health: unknown, name: string): string | undefined {
  return isObject(health) && health.source === name ? `this push source, ${health.status}` : undefined
}

async function lookAtKeys(url: string): Promise<string> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
  const set: unknown = await answer.json()
  const keys = isObject(set) && Array.isArray(set.keys) ? set.keys.length : 0
  if (keys === 0) throw new Error(`${url} has no keys`)
  return `${keys} keys at ${url}`
}
