#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node cannot load a `.ts` file, and better-sqlite3
// crashes on it without a message. So the version is looked at before anything else is.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

const major = Number(process.versions.node.split('.')[0])
const bundle = new URL('../dist/main.js', import.meta.url)
const entry = existsSync(bundle) ? bundle : new URL('../src/main.ts', import.meta.url)

if (major >= 24) {
  // What was compiled once is not compiled again: halves the start.
  module.enableCompileCache()
  await import(entry.href)
} else {
  const node = bundledNode()
  if (node === undefined) {
    process.stderr.write(
      `weir needs Node 24; this is ${process.version} and no bundled one fits ${process.platform}-${process.arch}.\n` +
        'Install Node 24 or later and run the same command again.\n',
    )
    process.exit(2)
  }
  relay(spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' }))
}

/** The Node 24 that npm installed beside us, if there is one for this platform. */
function bundledNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform
  const file = os === 'win' ? 'bin/node.exe' : 'bin/node'
  try {
    return module.createRequire(import.meta.url).resolve(`node-${os}-${process.arch}/${file}`)
  } catch {
    return undefined
  }
}

/** Pass signals on to the child and end as it ends. */
function relay(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`weir: ${error.message}\n`)
    process.exit(2)
  })
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))
}
