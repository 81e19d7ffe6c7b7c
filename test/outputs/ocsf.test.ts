import type { AlertV1 } from '@weir/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
// biome-ignore lint/style/noRestrictedImports: a format is no part of the forwarder's public face
import { ocsfFinding } from '../../packages/forwarder/src/formats/ocsf.ts'
// biome-ignore lint/style/noRestrictedImports: as above
import { mistakesOf } from '../../packages/forwarder/test/support/ocsf-1-5-0.ts'
import { anyAlert } from '../elastic/any-alert.ts'
import { everyAlert } from '../elastic/every-alert.ts'

const seed = Number(process.env['WEIR_SEED'] ?? 20_261_124)

test('release 1.5.0 has nothing against any alert of a shipped rule or of health', async () => {
  const alerts = (await everyAlert()) as unknown as readonly AlertV1[]
  expect(alerts.length).toBeGreaterThan(150)
  expect(alerts.flatMap((alert) => mistakesOf(ocsfFinding(alert)))).toEqual([])
})

test(`nor against whatever the fields of a record may hold (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyAlert, (alert) => {
      // Its times begin in 1970, where milliseconds look like seconds.
      const mistakes = mistakesOf(ocsfFinding(alert as unknown as AlertV1))
      expect(mistakes.filter((each) => !each.endsWith('is no timestamp'))).toEqual([])
    }),
    { seed, numRuns: 500 },
  )
})
