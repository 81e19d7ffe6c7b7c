import { gzipSync } from 'node:zlib'
import type { Span } from './background.ts'
import type { BrokenMessage, Happening } from './planned.ts'
import type { Random } from './random.ts'
import { appLog } from './records/app-log.ts'
import { ordinaryVaultCall } from './records/key-vault.ts'
import { REPAIRABLE, type SpoilKind } from './spoil.ts'
import type { Tenant } from './tenant.ts'

/** Records of each kind of damage that can be mended, for every ten thousand records. */
const REPAIRABLE_PER_TEN_THOUSAND = 2

/** Damaged records: each kind that can be mended, and two that cannot. */
export function damagedRecords(tenant: Tenant, random: Random, span: Span, records: number): Happening[] {
  const each = Math.max(1, Math.round((records / 10_000) * REPAIRABLE_PER_TEN_THOUSAND))
  const kinds: SpoilKind[] = REPAIRABLE.flatMap((kind) => Array<SpoilKind>(each).fill(kind))
  return [...kinds, 'bare-word', 'bare-word', 'half-line', 'half-line'].map((kind) => {
    const time = random.between(span.from, span.to)
    return { ...happening(tenant, time, kind as SpoilKind), spoiled: kind as SpoilKind }
  })
}

function happening(tenant: Tenant, time: number, kind: SpoilKind): Happening {
  if (kind !== 'half-line') return { stream: 'platform', time, write: (own) => appLog(tenant, own, time) }
  const { blob } = tenant.vaults
  return {
    stream: 'insights-logs-auditevent',
    time,
    write: (own) => ordinaryVaultCall(tenant, own, time, blob),
  }
}

/** Whole messages without a record in them: words of a proxy, and half of a compressed message. */
export function brokenMessages(random: Random, span: Span): BrokenMessage[] {
  const page = Buffer.from(
    '<html><body>503 upstream connect error or disconnect/reset before headers</body></html>',
  )
  const packed = gzipSync(`{"Records":[{"eventName":"${random.token(4_000)}"}]}`)
  return [
    { stream: 'platform', arrival: random.between(span.from, span.to), body: page },
    {
      stream: 'aws',
      arrival: random.between(span.from, span.to),
      body: packed.subarray(0, packed.length / 2),
    },
  ]
}
