import type { JsonObject } from '@weir/model'
import type { Happening } from './planned.ts'
import type { Random } from './random.ts'
import { ordinaryActivity } from './records/activity.ts'
import { appLog } from './records/app-log.ts'
import { ordinaryAudit } from './records/audit.ts'
import { ordinaryAwsCall } from './records/cloudtrail.ts'
import { nsgRecord, ordinaryFlows, vnetRecord } from './records/flow.ts'
import { ordinaryVaultCall } from './records/key-vault.ts'
import { principalSignIn, userSignIn } from './records/sign-in.ts'
import { ordinaryStorageCall, READ_OPERATIONS } from './records/storage.ts'
import { ordinaryEntry } from './records/unified-audit.ts'
import type { StreamName } from './streams.ts'
import type { Nic, Tenant } from './tenant.ts'
import { MINUTE_MS } from './times.ts'

/** The stretch of time that a scenario covers, epoch milliseconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Tuples in a flow record, on the average of an ordinary minute. */
const FLOWS_A_RECORD = 24

type Writer = (tenant: Tenant, random: Random, time: number) => JsonObject

/** Shares of all records; what is left goes to flow logs. */
const MIX: readonly { readonly stream: StreamName; readonly share: number; readonly write: Writer }[] = [
  { stream: 'entra', share: 0.1, write: (tenant, random, time) => person(tenant, random, time, true) },
  { stream: 'entra', share: 0.09, write: (tenant, random, time) => person(tenant, random, time, false) },
  {
    stream: 'entra',
    share: 0.05,
    write: (tenant, random, time) => principalSignIn(tenant, random, time, random.pick(tenant.principals)),
  },
  {
    stream: 'entra',
    share: 0.04,
    write: (tenant, random, time) => principalSignIn(tenant, random, time, random.pick(tenant.identities)),
  },
  { stream: 'entra', share: 0.03, write: ordinaryAudit },
  { stream: 'activity', share: 0.03, write: ordinaryActivity },
  {
    stream: 'platform',
    share: 0.12,
    write: (tenant, random, time) => ordinaryVaultCall(tenant, random, time, random.pick(tenant.vaults.hub)),
  },
  {
    stream: 'platform',
    share: 0.08,
    write: (tenant, random, time) =>
      ordinaryStorageCall(tenant, random, time, random.pick(tenant.storage.hub)),
  },
  { stream: 'platform', share: 0.03, write: appLog },
  { stream: 'aws', share: 0.13, write: ordinaryAwsCall },
  { stream: 'o365', share: 0.16, write: ordinaryEntry },
  {
    stream: 'insights-logs-auditevent',
    share: 0.06,
    write: (tenant, random, time) => ordinaryVaultCall(tenant, random, time, tenant.vaults.blob),
  },
  {
    stream: 'insights-logs-storageread',
    share: 0.05,
    write: (tenant, random, time) =>
      ordinaryStorageCall(tenant, random, time, tenant.storage.blob, READ_OPERATIONS),
  },
]

const FLOW_SHARE = 0.03

/** An ordinary day: what `records` services and people leave behind. */
export function background(tenant: Tenant, random: Random, span: Span, records: number): Happening[] {
  const happenings: Happening[] = []
  for (const { stream, share, write } of MIX) {
    for (let n = Math.round(records * share); n > 0; n--) {
      const time = random.between(span.from, span.to)
      happenings.push({ stream, time, write: (own) => write(tenant, own, time) })
    }
  }
  return [...happenings, ...flows(tenant, span, Math.round(records * FLOW_SHARE))]
}

/** People mostly succeed; interrupts on the way are part of the day. */
function person(tenant: Tenant, random: Random, time: number, interactive: boolean): JsonObject {
  const user = random.pick(tenant.users)
  const errorCode = random.weighted([
    [0, 955],
    [50140, interactive ? 25 : 0],
    [50074, interactive ? 12 : 0],
    [50058, interactive ? 0 : 20],
  ])
  return userSignIn(tenant, random, time, { user, interactive, errorCode })
}

/** Every interface writes a record at the same distance in time, a minute if the records reach so far. */
function flows(tenant: Tenant, span: Span, records: number): Happening[] {
  const nics = tenant.vnet.nics.length + tenant.nsg.nics.length
  const step = Math.max(MINUTE_MS, Math.ceil((span.to - span.from) / Math.max(1, Math.floor(records / nics))))
  const happenings: Happening[] = []
  for (let time = span.from + step; time <= span.to; time += step) {
    for (const nic of tenant.vnet.nics) happenings.push(flowRecord(tenant, 'vnet', time, nic))
    for (const nic of tenant.nsg.nics) happenings.push(flowRecord(tenant, 'nsg', time, nic))
  }
  return happenings
}

function flowRecord(tenant: Tenant, stream: 'vnet' | 'nsg', time: number, nic: Nic): Happening {
  const write = stream === 'vnet' ? vnetRecord : nsgRecord
  return {
    stream,
    time,
    lane: nic.mac,
    write: (random) => {
      const count = random.between(FLOWS_A_RECORD / 2, (FLOWS_A_RECORD * 3) / 2)
      return write(tenant, random, time, nic, ordinaryFlows(random, nic, count))
    },
  }
}
