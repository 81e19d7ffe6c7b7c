import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { startSqs } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { describe, expect, test } from 'vitest'
import { TestAggregator } from './aggregator.ts'
import { startS3 } from './s3.ts'

/** Folder of published samples; without it nothing is tested here. */
const CORPUS = process.env.WEIR_CORPUS

describe.skipIf(CORPUS === undefined)('a published trail, as delivered to a bucket', () => {
  test('comes by a queue as 2,900 events', async () => {
    const folder = join(CORPUS ?? '', 'invictus-aws', 'CloudTrail')
    const s3 = await startS3()
    const sqs = await startSqs([{ name: 'trail', visibilitySeconds: 30 }], systemClock)
    const bucket = await s3.bucket()
    const queue = { kind: 'queue', url: sqs.queueUrl('trail'), endpoint: sqs.url }
    const source = { type: 's3', name: 'trail', region: 'us-east-1', endpoint: s3.endpoint, from: queue }
    const weir = await TestAggregator.start([source])
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
      const key = `AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/${name}.gz`
      await s3.put(bucket, key, gzipSync(readFileSync(join(folder, name))))
      const told = { s3: { bucket: { name: bucket }, object: { key } } }
      const record = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', ...told }
      sqs.queue('trail').send(JSON.stringify({ Records: [record] }))
    }
    const books = await weir.until('all is read', 'trail', ({ read }) => read >= 2_900)
    await weir.stop()
    await s3.stop()
    await sqs.stop()
    const { read, normalized, duplicates, quarantined, partitions } = books
    expect({ read, normalized, duplicates, quarantined }).toEqual({
      read: 2_900,
      normalized: 2_900,
      duplicates: 0,
      quarantined: 0,
    })
    expect(partitions.map(({ partition }) => partition)).toEqual(['trail'])
  })
})
