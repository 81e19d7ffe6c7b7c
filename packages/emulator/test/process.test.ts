import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BlobServiceClient } from '@azure/storage-blob'
import { expect, test } from 'vitest'
import { startAzurite } from '../src/azurite.ts'
import { readyLine, startChild } from '../src/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-process-'))

/** A script that does what a service does: says it is ready and stays. */
function script(name: string, body: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, body)
  return path
}

const service = script(
  'service',
  `console.log('a word before'); console.error('to the log')
   console.log(JSON.stringify({ ready: true, pid: process.pid, args: process.argv.slice(2) }))
   setInterval(() => {}, 1000)`,
)
const logFile = join(folder, 'log', 'service.log')

test('a child is ready when it says so, and restarts after SIGKILL', async () => {
  const child = await startChild({
    name: 'service',
    script: service,
    args: ['a'],
    logFile,
    ready: readyLine,
  })
  expect(child.ready).toMatchObject({ pid: child.pid, args: ['a'] })
  const first = child.pid
  expect(await child.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
  await child.restart(['b'])
  expect(child.ready['args']).toEqual(['b'])
  expect(child.pid).not.toBe(first)
  await child.stop()
  expect(readFileSync(logFile, 'utf8')).toBe('to the log\nto the log\n')
})

test.each([
  ['ends', `console.error('no such file'); process.exit(3)`, /ended with 3\nno such file/],
  ['says nothing', `setInterval(() => {}, 1000)`, /was not ready after 1 s/],
])('a child that %s rejects the start, with its last words', async (name, body, expected) => {
  const log = join(folder, `${name}.log`)
  const starting = startChild({
    name,
    script: script(name.replace(' ', '-'), body),
    args: [],
    logFile: log,
    ready: readyLine,
    readySecondsMax: 1,
  })
  await expect(starting).rejects.toThrow(expected)
})

test('children do not outlive a parent that was killed', async () => {
  const parent = script(
    'parent',
    `import { startChild, readyLine } from ${JSON.stringify(new URL('../src/process.ts', import.meta.url).href)}
     const child = await startChild({ name: 's', script: ${JSON.stringify(service)}, args: [],
       logFile: ${JSON.stringify(logFile)}, ready: readyLine })
     console.log(child.pid)
     await child.exit`,
  )
  const node = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [pid] = await once(createInterface({ input: node.stdout }), 'line')
  node.kill('SIGKILL')
  await once(node, 'exit')
  await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('Azurite keeps its blobs over a restart, on the same port', async () => {
  const azurite = await startAzurite({ folder: join(folder, 'azurite'), port: 0 })
  const container = BlobServiceClient.fromConnectionString(azurite.connectionString()).getContainerClient(
    'logs',
  )
  await container.create()
  await container.getAppendBlobClient('a').create()
  await container.getAppendBlobClient('a').appendBlock('one\n', 4)
  await azurite.stop()
  await azurite.restart()
  const again = BlobServiceClient.fromConnectionString(azurite.connectionString()).getContainerClient('logs')
  expect((await again.getBlobClient('a').downloadToBuffer()).toString()).toBe('one\n')
  await azurite.stop()
})
