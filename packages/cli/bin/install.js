// Runs before start, demo, bench and test: installs what the lockfile names, once.
// It uses nothing but Node itself, because nothing else may be there yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const note = `${root}node_modules/.weir-lock`
const wanted = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex')

if (!existsSync(note) || readFileSync(note, 'utf8') !== wanted) {
  process.stderr.write('Installing dependencies (first run, or the lockfile changed) ...\n')
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  // npm's own output goes to standard error: standard output belongs to the command that follows.
  const done = spawnSync(command, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) {
    process.stderr.write('weir: npm ci failed (see above). It needs npm 11 and a reachable npm registry.\n')
    process.exit(2)
  }
  writeFileSync(note, wanted)
}
