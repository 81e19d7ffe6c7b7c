import { systemClock } from '@weir/runtime'
import { type Command, InvalidArgumentError } from 'commander'
import { example } from '../example.ts'
import { outputOf } from '../output.ts'

const CONFIG = ['--config <file>', 'configuration of the forwarder'] as const
const OUTPUT = ['--output <name>', 'only of this output; * for what no version here could read'] as const
const ID = ['--id <alert>', 'only of this alert'] as const

/** `weir queue …`: what waits in a forwarder's spool, and what its outputs refused. */
export function addQueue(program: Command): void {
  const queue = program
    .command('queue')
    .description('look after alerts that outputs of a forwarder refused')
    .addHelpText('after', example('weir queue list --config /etc/weir/forwarder.json'))
  addList(queue)
  addRetry(queue)
  addDrop(queue)
}

function addList(queue: Command): void {
  withChoice(queue.command('list'))
    .description('list what waits for each output, and what was set aside, the oldest first')
    .addHelpText(
      'after',
      example(
        'weir queue list --config /etc/weir/forwarder.json',
        'weir queue list --config /etc/weir/forwarder.json --output siem --json',
      ),
    )
    .action(async (options) => {
      const { showQueue } = await import('../queue/list.ts')
      await showQueue(options, systemClock.now(), outputOf(process))
    })
}

function addRetry(queue: Command): void {
  withChoice(queue.command('retry'))
    .description('send entries once more')
    .argument('[number...]', 'entries, as `weir queue list` numbers them', number)
    .option('--all', 'every entry, or every one that --output leaves')
    .addHelpText(
      'after',
      example(
        'weir queue retry --config /etc/weir/forwarder.json 17 18',
        'weir queue retry --config /etc/weir/forwarder.json --output siem --all',
      ) +
        `\n\nA running forwarder sends them within seconds, otherwise the next one as it starts. What is refused once more
is set aside again. An alert of which the output acknowledged a newer revision meanwhile is not sent.`,
    )
    .action(async (numbers, options) => {
      const { retry } = await import('../queue/retry.ts')
      process.exitCode = retry(numbers, options, outputOf(process))
    })
}

function addDrop(queue: Command): void {
  withChoice(queue.command('drop'))
    .description('take entries away for good; asks nothing')
    .argument('[number...]', 'entries, as `weir queue list` numbers them', number)
    .option('--all', 'every entry, or every one that --output leaves')
    .addHelpText('after', example('weir queue drop --config /etc/weir/forwarder.json --output siem --all'))
    .action(async (numbers, options) => {
      const { drop } = await import('../queue/drop.ts')
      process.exitCode = drop(numbers, options, outputOf(process))
    })
}

function withChoice(command: Command): Command {
  return command
    .requiredOption(...CONFIG)
    .option(...OUTPUT)
    .option(...ID)
    .option('--json', 'JSON, one object a line')
}

/** Commander hands over what came before. */
function number(text: string, had: readonly number[] = []): readonly number[] {
  if (/^[1-9]\d{0,14}$/.test(text)) return [...had, Number(text)]
  throw new InvalidArgumentError('Write numbers as `weir queue list` shows them.')
}
