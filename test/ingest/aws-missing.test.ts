import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { WEIR } from '../e2e/weir.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-missing-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As if npm had been told to leave out what is optional. */
const HOOK = `
import { registerHooks } from 'node:module'
registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith('@aws-sdk/client-')) return next(specifier, context)
    throw Object.assign(new Error('Cannot find package ' + specifier), { code: 'ERR_MODULE_NOT_FOUND' })
  },
})
`

/** What the doctor says of sources where the packages of AWS are not installed. */
function doctor(
  name: string,
  sources: readonly object[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const hook = join(folder, 'hook.mjs')
  writeFileSync(hook, HOOK)
  mkdirSync(join(folder, 'rules'), { recursive: true })
  const config = join(folder, `${name}.json`)
  const token = { name: 'test', role: 'admin', token: { env: 'WEIR_TEST_TOKEN' } }
  const usual = {
    store: { path: `${name}.db` },
    rules: { folders: ['rules'] },
    api: { port: 0, tokens: [token] },
  }
  writeFileSync(config, JSON.stringify({ ...usual, sources }))
  const args = ['--import', hook, WEIR, 'doctor', '--config', config]
  const env = { ...process.env, WEIR_TEST_TOKEN: 'a-token-for-tests-alone' }
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

test('a source of AWS says which package is missing and how to get it', async () => {
  const sources = [
    { type: 's3', name: 'trail', region: 'eu-west-1', from: { kind: 'listing', bucket: 'logs' } },
    { type: 'iam-credential-report', name: 'iam' },
  ]
  const { code, stdout } = await doctor('aws', sources)
  expect(code).toBe(1)
  expect(stdout).toContain('source trail needs @aws-sdk/client-s3, which is not installed')
  expect(stdout).toContain('source iam needs @aws-sdk/client-iam, which is not installed')
  expect(stdout).toContain('npm ci --include=optional')
})

test('other sources never ask for it', async () => {
  const { code, stdout } = await doctor('files', [{ type: 'files', name: 'files', inputs: [folder] }])
  expect([code, stdout.includes('aws-sdk')]).toEqual([0, false])
})
