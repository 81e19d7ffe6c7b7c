import { createReport, systemClock } from '@weir/runtime'
import { LIMITS } from '../src/limits.ts'
import { fileConfig } from '../src/outputs/file/config.ts'
import { createFileOutput } from '../src/outputs/file/send.ts'
import { messagesOf } from './messages.ts'

// A process that is allowed no more than so many bytes in a file; says how each batch went.
const [path = '', batches = '0', each = '0'] = process.argv.slice(2)
const tools = {
  clock: systemClock,
  report: createReport('silent'),
  random: () => 0,
  limits: LIMITS,
  wake: () => undefined,
}
const output = createFileOutput(fileConfig.parse({ type: 'file', name: 'file', path }), tools)
for (let batch = 0; batch < Number(batches); batch++) {
  const ids = Array.from({ length: Number(each) }, (_, i) => `${batch}-${i}`)
  await output.send(messagesOf(output, ids), new AbortController().signal).then(
    () => process.stdout.write('written\n'),
    (error: Error) => process.stdout.write(`${error.message}\n`),
  )
}
