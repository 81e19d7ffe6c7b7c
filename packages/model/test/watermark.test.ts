import { describe, expect, test } from 'vitest'
import { Watermarks } from '../src/index.ts'

const SKEW = 300
const signins = new Set(['azure.signinlogs'])

function twoPartitions(): Watermarks {
  const marks = new Watermarks(SKEW)
  marks.announce('hubs', ['entra/0', 'entra/1'])
  return marks
}

describe('a watermark', () => {
  test('of a partition read in no order of time waits until it is caught up, whatever was seen', () => {
    const marks = new Watermarks(SKEW)
    marks.announce('blobs', ['logs'])
    marks.observe('blobs', 'logs', 'azure.signinlogs', Number.NEGATIVE_INFINITY, 9_000)
    expect(marks.of(signins, 100)).toBe(Number.NEGATIVE_INFINITY)
    expect(marks.take()).toEqual([])
    marks.caughtUp('blobs', 'logs', 5_000)
    expect(marks.of(signins, 100)).toBe(4_900)
    expect(marks.take()).toEqual([
      { source: 'blobs', partition: 'logs', clock: 5_000, datasets: ['azure.signinlogs'] },
    ])
  })

  test('stands still until every partition that may feed it was read', () => {
    const marks = twoPartitions()
    marks.observe('hubs', 'entra/0', 'azure.signinlogs', 1_000, 1_000)
    expect(marks.of(signins, 100)).toBe(Number.NEGATIVE_INFINITY)
    marks.observe('hubs', 'entra/1', 'azure.signinlogs', 5_000, 5_000)
    expect(marks.of(signins, 100)).toBe(900)
  })

  test('is not held back by a partition that feeds other datasets', () => {
    const marks = twoPartitions()
    marks.observe('hubs', 'entra/0', 'azure.signinlogs', 9_000, 9_000)
    marks.observe('hubs', 'entra/1', 'azure.auditlogs', 1_000, 1_000)
    expect(marks.of(signins, 0)).toBe(9_000)
    expect(marks.of(new Set(), 0)).toBe(1_000)
  })

  test('stands still while a configured source has not named its partitions', () => {
    const marks = twoPartitions()
    marks.expect('blobs')
    for (const partition of ['entra/0', 'entra/1']) marks.caughtUp('hubs', partition, 9_000)
    expect(marks.of(signins, 0)).toBe(Number.NEGATIVE_INFINITY)
    marks.announce('blobs', [])
    marks.observe('hubs', 'entra/0', 'azure.signinlogs', 1, 1)
    expect(marks.of(signins, 0)).toBe(9_000)
  })

  test('follows the wall clock on partitions that are caught up, and never goes back', () => {
    const marks = twoPartitions()
    for (const partition of ['entra/0', 'entra/1']) {
      marks.observe('hubs', partition, 'azure.signinlogs', 1_000, 1_000)
      marks.caughtUp('hubs', partition, 8_000)
      marks.caughtUp('hubs', partition, 7_000)
      marks.observe('hubs', partition, 'azure.signinlogs', 2_000, 8_100)
    }
    expect(marks.of(signins, 0)).toBe(8_000)
  })

  test('is not moved by one event from the future', () => {
    const marks = twoPartitions()
    for (const partition of ['entra/0', 'entra/1']) {
      marks.observe('hubs', partition, 'azure.signinlogs', Date.parse('2099-01-01'), 10_000)
    }
    expect(marks.of(signins, 0)).toBe(10_000 + SKEW)
  })

  test('forgets a partition that the source no longer has', () => {
    const marks = twoPartitions()
    marks.observe('hubs', 'entra/0', 'azure.signinlogs', 9_000, 9_000)
    marks.observe('hubs', 'entra/1', 'azure.signinlogs', 1_000, 1_000)
    marks.announce('hubs', ['entra/0'])
    expect(marks.of(signins, 0)).toBe(9_000)
  })

  test('goes on from what was stored', () => {
    const marks = twoPartitions()
    for (const partition of ['entra/0', 'entra/1'])
      marks.observe('hubs', partition, 'azure.signinlogs', 4_000, 4_000)
    const stored = marks.take()
    expect(marks.take()).toEqual([])
    const again = new Watermarks(SKEW, stored)
    expect(again.of(signins, 1_000)).toBe(3_000)
  })
})
