import { WeirError } from '@weir/runtime'
import { Command, CommanderError } from 'commander'
import { addNormalize } from './commands/normalize.ts'
import { addReplay } from './commands/replay.ts'
import { addRules } from './commands/rules.ts'
import { addRunCommands } from './commands/run.ts'
import { EXIT } from './exit.ts'

const program = new Command('weir')
  .description('A cloud-side pre-SIEM: reads cloud logs where they are, sends only security events home.')
  .showHelpAfterError()
  .exitOverride()

addRunCommands(program)
addRules(program)
addReplay(program)
addNormalize(program)

try {
  await program.parseAsync(process.argv)
} catch (error) {
  process.exitCode = exitOf(error)
}

/** Help and wrong use are commander's own words; our errors are said in one line, without a stack. */
function exitOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.wrongUse
  if (!(error instanceof WeirError)) throw error
  process.stderr.write(`weir: ${error.message}\n`)
  return EXIT.wrongUse
}
