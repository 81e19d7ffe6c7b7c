import { WeirError } from '@weir/runtime'
import { Command, CommanderError } from 'commander'
import { loadCommands } from './commands.ts'
import { endQuietlyWithReader } from './end-with-reader.ts'
import { example } from './example.ts'
import { CallFailed, EXIT } from './exit.ts'
import { VERSION } from './version.ts'

const program = new Command('weir')
  .description('A cloud-side pre-SIEM: reads cloud logs where they are, sends only security events home.')
  .version(VERSION)
  .addHelpText('after', example('weir replay --rules rules --input logs/', 'weir help replay'))
  .exitOverride()

endQuietlyWithReader(process)
try {
  await loadCommands(program, process.argv[2])
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = exitOf(error)
}

/** Help and wrong use are commander's own words; our errors are said in one line, without a stack. */
function exitOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongUse
  if (!(error instanceof WeirError) && !(error instanceof CallFailed)) throw error
  process.stderr.write(`weir: ${error.code} ${error.message}\n`)
  return error instanceof CallFailed ? error.exit : EXIT.wrongUse
}
