import { startIam } from '@weir/emulator'
import { CREDENTIAL_REPORT_BOUNDS, credentialReportSource } from '@weir/ingest'
import { S3_ENV } from '../s3.ts'
import { deps, type Place, type Places } from './place.ts'

const DAY = 86_400_000

type Iam = Awaited<ReturnType<typeof startIam>>

/** A place whose every writing is the report of another day. */
export async function iamPlaces(): Promise<Places> {
  Object.assign(process.env, S3_ENV)
  const started: Iam[] = []
  return {
    async place(): Promise<Place> {
      let days = -1
      const now = () => Date.now() + days * DAY
      const iam = await startIam({ steps: 1, freshMs: DAY / 2 }, { now })
      started.push(iam)
      return {
        async write(lines) {
          days++
          iam.say(['user,arn', ...lines])
        },
        source: (bytesInFlightMax) => sourceOf(iam, bytesInFlightMax),
      }
    },
    async close() {
      for (const iam of started) await iam.stop()
    },
  }
}

function sourceOf({ url }: Iam, bytesInFlightMax = CREDENTIAL_REPORT_BOUNDS.bytesInFlightMax) {
  const bounds = { ...CREDENTIAL_REPORT_BOUNDS, everyMs: 20, askMs: 1, chunkBytes: 1_000, bytesInFlightMax }
  const place = { region: 'us-east-1' }
  return credentialReportSource({ ...bounds, name: 'source', place, endpoint: url }, deps)
}
