import type { Command } from 'commander'
import { withConnection } from '../connection-options.ts'
import { example } from '../example.ts'
import { wholeOption } from '../options.ts'
import { outputOf } from '../output.ts'

/** `weir canary …`: a record of our own is planted at a source and timed until the outputs have acknowledged it. */
export function addCanary(program: Command): void {
  const canary = program
    .command('canary')
    .description('time the whole way from a source to the SIEM with a record of our own')
    .addHelpText('after', example('weir canary plant --config /etc/weir/aggregator.json --source hubs'))
  addNew(canary)
  addPlant(canary)
  addWait(canary)
  addList(canary)
}

function addNew(canary: Command): void {
  canary
    .command('new')
    .description('print a record to plant by any means')
    .option('--note <text>', 'what the alert is to say, such as where it was planted')
    .option('--json', 'one JSON object with its id and the record')
    .addHelpText(
      'after',
      `${example(
        'weir canary new --note "container flow" >> PT1H.json',
        'weir canary new | curl --data-binary @- -H "Authorization: Bearer $PUSH_TOKEN" https://weir.example:8444/v1/ingest/weir.canary',
      )}\n\nThe record goes to standard output, its id to standard error.`,
    )
    .action(async (options) => {
      const { newCanary } = await import('../canary/new.ts')
      newCanary(options, outputOf(process))
    })
}

function addPlant(canary: Command): void {
  canary
    .command('plant')
    .description('send a new canary to a hub of a source, as the identity of this machine')
    .requiredOption('--config <file>', 'configuration of the aggregator')
    .requiredOption('--source <name>', 'a source of type event-hubs')
    .option('--hub <name>', 'one of its hubs (default: the first)')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${example('weir canary plant --config /etc/weir/aggregator.json --source hubs --hub entra')}\n\nNeeds the role Azure Event Hubs Data Sender. Prints the id to wait for.`,
    )
    .action(async (options) => {
      const { plantCanary } = await import('../canary/plant.ts')
      await plantCanary(options, process)
    })
}

function addWait(canary: Command): void {
  withConnection(
    canary.command('wait').description('wait until every output has acknowledged it, and print the stages'),
  )
    .argument('<id>', 'of the canary')
    .option('--timeout <seconds>', 'how long to wait', wholeOption, 600)
    .option('--json', 'the canary as the API tells it, in one line')
    .addHelpText(
      'after',
      `${example('weir canary wait c-5b0e6d2f --url https://weir.example:8443')}\n\nExit 1 when the time is over before every output of every forwarder has acknowledged it.`,
    )
    .action(async (id, options) => {
      const { waitForCanary } = await import('../canary/wait.ts')
      await waitForCanary(id, options, process)
    })
}

function addList(canary: Command): void {
  withConnection(canary.command('list').description('list the canaries that came, the newest first'))
    .option('--limit <n>', 'canaries at most', wholeOption, 20)
    .option('--json', 'one canary a line')
    .addHelpText('after', example('weir canary list --url https://weir.example:8443'))
    .action(async (options) => {
      const { listCanaries } = await import('../canary/list.ts')
      await listCanaries(options, process)
    })
}
