import { settingsOrEnd } from '../settings-or-end.ts'
import { readSettings } from './settings.ts'
import { startEventHubs } from './start.ts'

const emulator = await startEventHubs(settingsOrEnd(readSettings, process))

const { port, control, connectionString } = emulator
process.stdout.write(
  `${JSON.stringify({ ready: true, pid: process.pid, port, control, connectionString })}\n`,
)

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, async () => {
    await emulator.close()
    process.exit(0)
  })
