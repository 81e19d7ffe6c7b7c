import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const EVENT_HUBS = 'eventhubs/main.ts'
const SIEM = 'siem/main.ts'
const pathOf = (script: string) => new URL(`../src/${script}`, import.meta.url).pathname
/** A file that can be read, where no content matters. */
const FILE = pathOf(SIEM)

test.each([
  [EVENT_HUBS, [], '--data FILE'],
  [EVENT_HUBS, ['--data', 'a.db'], '--hub NAME:PARTITIONS'],
  [EVENT_HUBS, ['--data', 'a.db', '--hub', 'x:1', '--prot', '1'], "Unknown option '--prot'"],
  [EVENT_HUBS, ['--data', 'a.db', '--hub', 'x:1', '--port', '65536'], '--port 65536'],
  [EVENT_HUBS, ['{"port"'], 'JSON'],
  [EVENT_HUBS, ['{"port": 0}'], '`file`'],
  [SIEM, [], '--data FILE'],
  [SIEM, ['--data', 'a', '--cert', FILE], '--key FILE'],
  [SIEM, ['--data', 'a', '--cert', FILE, '--key', 'no-such-file'], 'no-such-file'],
  [SIEM, ['--data', 'a', '--cert', FILE, '--key', FILE, '--hec', 'http'], '--hec http'],
  [SIEM, ['stray'], "'stray'"],
] as const)('%s %j: one line and exit 2', (script, args, words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [pathOf(script), ...args], {
    encoding: 'utf8',
  })
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^[^\n]+\n$/)
  expect(stderr).toContain(words)
})
